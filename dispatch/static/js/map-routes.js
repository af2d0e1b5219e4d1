// The routes of volunteers on a map: one colour each, numbered stops, a popup with what the list says.

import { fitTo, maplibre } from './map.js';
import { text } from './texts.js';

const COLOURS = 12;
const UNPLANNED = '#495764';

/**
 * Draw a FeatureCollection: LineString {kind: 'route', route, name}; Point {kind: 'stop', route, number, title, lines,
 * url?, state?}, {kind: 'office', title, lines}, {kind: 'job', title, lines, url?}, {kind: 'rider', route, number, title,
 * lines}: where somebody was, {kind: 'incident', number, title, lines}. `route` is the volunteer's position on the plan, from 0. Returns {update(collection), highlight(route or null)}.
 */
export function drawRoutes(map, collection, { fit = true } = {}) {
  const drawing = new Drawing(map);
  drawing.update(collection);
  if (fit) fitTo(map, collection);
  return drawing;
}

class Drawing {
  constructor(map) {
    this.map = map;
    this.markers = [];
    map.addSource('routes', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    // routes 7 to 12 are dashed as well, so that colour is not the only difference
    const solid = ['<', ['%', ['get', 'route'], COLOURS], COLOURS / 2];
    this.layers = [
      layer('route-casing', { 'line-color': '#ffffff', 'line-width': 7, 'line-opacity': 0.85 }),
      layer('route-solid', { 'line-color': colours(), 'line-width': 4 }, solid),
      layer('route-dashed', { 'line-color': colours(), 'line-width': 4, 'line-dasharray': [3, 1.2] }, ['!', solid]),
    ];
    const labels = map.getStyle().layers.find((one) => one.type === 'symbol')?.id;
    this.layers.forEach((one) => map.addLayer(one, labels));
  }

  update(collection) {
    const lines = collection.features.filter((feature) => feature.geometry?.type.endsWith('LineString'));
    this.map.getSource('routes').setData({ type: 'FeatureCollection', features: lines });
    this.markers.forEach((marker) => marker.remove());
    this.markers = collection.features.filter((feature) => feature.geometry?.type === 'Point').map((feature) => this.mark(feature));
  }

  mark({ geometry, properties }) {
    const marker = new maplibre.Marker({ element: stopElement(properties) }).setLngLat(geometry.coordinates);
    marker.setPopup(new maplibre.Popup({ offset: 18, maxWidth: 'min(20rem, 55vw)' }).setDOMContent(popupContent(properties)));
    marker.route = properties.route ?? null;
    return marker.addTo(this.map);
  }

  /** Show one route clearly and the others faintly; null shows all alike. */
  highlight(route) {
    const opacity = route === null ? 1 : ['case', ['==', ['get', 'route'], route], 1, 0.15];
    this.layers.forEach((one) => this.map.setPaintProperty(one.id, 'line-opacity', opacity));
    for (const marker of this.markers) {
      const faded = route !== null && marker.route !== null && marker.route !== route;
      marker.setOpacity(faded ? '0.2' : '1');
    }
  }
}

function layer(id, paint, filter = true) {
  return {
    id, type: 'line', source: 'routes', paint,
    layout: { 'line-cap': 'butt', 'line-join': 'round' },
    ...(filter === true ? {} : { filter }),
  };
}

// The colours live in tokens.css; the map reads them from there.
function colours() {
  const root = getComputedStyle(document.documentElement);
  const pairs = Array.from({ length: COLOURS }, (_, at) => [at, root.getPropertyValue(`--route-${at + 1}`).trim() || UNPLANNED]);
  return ['match', ['%', ['get', 'route'], COLOURS], ...pairs.flat(), UNPLANNED];
}

function stopElement({ kind, route, number, title, state }) {
  const element = document.createElement('button');
  element.type = 'button';
  element.classList.add('map-stop');
  if (kind === 'stop' || kind === 'rider') element.classList.add(`route-${(route % COLOURS) + 1}`);
  if (kind === 'rider') element.classList.add('map-stop--rider');
  if (kind === 'incident') element.classList.add('map-stop--incident');
  if (kind === 'office') element.classList.add('map-stop--office');
  if (state === 'done') element.classList.add('map-stop--done');
  element.textContent = kind === 'office' ? '⌂' : (number ?? '?');
  element.setAttribute('aria-label', ['office', 'rider', 'incident'].includes(kind) ? title || text('map_office') : `${number ?? ''} ${title ?? ''}`.trim());
  return element;
}

function popupContent({ title, lines = [], url }) {
  const box = document.createElement('div');
  const head = document.createElement(url ? 'a' : 'strong');
  if (url) head.href = url;
  head.textContent = title;
  box.append(head);
  for (const words of lines) {
    const line = document.createElement('div');
    line.textContent = words;
    box.append(line);
  }
  return box;
}
