// One pin to set on a map, by mouse, finger or keyboard; its place is kept in two inputs.

import { maplibre } from './map.js';
import { text } from './texts.js';

const STEP_PX = 4;
const LONG_STEP_PX = 40;
const DIGITS = 6; // about 10 cm
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Tie a pin to two inputs (latitude and longitude in degrees). A click, or Enter on the map, sets it; dragging or arrow
 * keys move it; a chosen suggestion with lat and lon in the same form takes it along; the form's event `pin:around`
 * (detail: [lat, lon, radius in metres]) shows where it may be. Returns moveTo(lat, lon).
 */
export function pinPicker(map, latInput, lonInput) {
  const marker = new maplibre.Marker({ element: pinElement(), anchor: 'bottom', draggable: true });
  let shown = false;

  const place = (lngLat) => {
    marker.setLngLat(lngLat);
    if (!shown) marker.addTo(map);
    shown = true;
  };
  const settle = (lngLat) => {
    place(lngLat);
    latInput.value = marker.getLngLat().lat.toFixed(DIGITS);
    lonInput.value = marker.getLngLat().lng.toFixed(DIGITS);
    for (const input of [latInput, lonInput]) input.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const moveTo = (lat, lon) => {
    settle([lon, lat]);
    map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 17) });
  };

  if (latInput.value && lonInput.value) {
    place([Number(lonInput.value), Number(latInput.value)]);
    map.jumpTo({ center: marker.getLngLat(), zoom: 17 });
  }
  marker.on('dragend', () => settle(marker.getLngLat()));
  marker.getElement().addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation(); // the map itself would move as well
    settle(shifted(map, marker.getLngLat(), arrow, event.shiftKey ? LONG_STEP_PX : STEP_PX));
    if (!map.getBounds().contains(marker.getLngLat())) map.easeTo({ center: marker.getLngLat() });
  });
  map.on('click', (event) => settle(event.lngLat));
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    settle(map.getCenter());
    marker.getElement().focus();
  });
  latInput.form?.addEventListener('suggest:chosen', ({ detail }) => {
    if (Number.isFinite(detail.lat) && Number.isFinite(detail.lon)) moveTo(detail.lat, detail.lon);
  });
  latInput.form?.addEventListener('pin:around', ({ detail: [lat, lon, radius] }) => {
    map.fitBounds(maplibre.LngLatBounds.fromLngLat(new maplibre.LngLat(lon, lat), radius), { maxZoom: 17 });
  });
  latInput.addEventListener('pin:cleared', () => {
    marker.remove();
    shown = false;
  });
  return moveTo;
}

function shifted(map, lngLat, [right, down], by) {
  const point = map.project(lngLat);
  return map.unproject([point.x + right * by, point.y + down * by]);
}

function pinElement() {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'map-pin';
  element.setAttribute('aria-label', text('map_pin'));
  element.innerHTML = '<svg viewBox="0 0 44 52" aria-hidden="true"><path d="M22 50C10 34 5 27 5 19a17 17 0 0 1 34 0c0 8-5 15-17 31z" fill="#c30000" stroke="#ffffff" stroke-width="2.5"/><circle cx="22" cy="19" r="6.5" fill="#ffffff"/></svg>';
  return element;
}
