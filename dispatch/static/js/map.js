// A map of the ward in a box, drawn from our own server: createMap().

import * as maplibre from '../vendor/maplibre-gl/maplibre-gl.mjs';
import { baseStyle, followNight } from './map-style.js';
import { text } from './texts.js';

export { maplibre };

const CLOSE_UP_ZOOM = 15.5;
const AROUND = { top: 48, right: 80, bottom: 48, left: 48 }; // the zoom buttons stand on the right

/**
 * Fill `element` with a map and resolve when it can be drawn upon.
 * center: [lat, lon] or null (then the whole base map is shown). Rejects where the browser cannot draw maps.
 */
export async function createMap(element, { basemapUrl, center = null, attribution = '', label = text('map_label') }) {
  addStylesheet();
  const answer = await fetch(basemapUrl, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`base map: ${answer.status}`);
  const basemap = await answer.json();
  const map = new maplibre.Map({
    container: element,
    style: baseStyle(basemap, attribution || basemap.attribution || ''),
    center: center ? [center[1], center[0]] : [108.22, 16.07],
    zoom: CLOSE_UP_ZOOM,
    maxZoom: 20,
    minZoom: 10,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: { compact: false },
    cooperativeGestures: false,
    locale: {
      'Map.Title': label,
      'NavigationControl.ZoomIn': text('map_zoom_in'),
      'NavigationControl.ZoomOut': text('map_zoom_out'),
      'AttributionControl.ToggleAttribution': text('map_attribution'),
      'Popup.Close': text('map_popup_close'),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new maplibre.ScaleControl({ unit: 'metric' }), 'bottom-left');
  await new Promise((resolve, reject) => {
    map.once('load', resolve);
    map.once('error', (event) => reject(event.error));
  });
  followNight(map);
  if (!center && basemap.tiles) map.fitBounds(basemap.bounds, { animate: false });
  else if (!center) fitTo(map, roadsOf(basemap));
  return map;
}

// A coast or a river reaches far beyond the ward.
function roadsOf(basemap) {
  const roads = basemap.features.filter(({ properties }) => properties.layer === 'road');
  return roads.length ? { features: roads } : basemap;
}

/** Move the map so that every feature is in sight. */
export function fitTo(map, collection, padding = AROUND) {
  const bounds = new maplibre.LngLatBounds();
  for (const feature of collection.features) positions(feature.geometry).forEach((position) => bounds.extend(position));
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding, maxZoom: 17, animate: false });
}

function positions(geometry) {
  if (!geometry) return [];
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(positions);
  return geometry.coordinates.flat(Infinity).reduce((pairs, value, index, all) => {
    if (index % 2) pairs.push([all[index - 1], value]);
    return pairs;
  }, []);
}

function addStylesheet() {
  if (document.getElementById('maplibre-css')) return;
  const link = document.createElement('link');
  link.id = 'maplibre-css';
  link.rel = 'stylesheet';
  link.href = new URL('../vendor/maplibre-gl/maplibre-gl.css', import.meta.url);
  document.head.prepend(link); // ours come after it
}
