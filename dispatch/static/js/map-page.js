// Maps that a page asks for by attributes (templates/components/map.html).

import { text } from './texts.js';

export async function wire(element) {
  try {
    const { createMap } = await import('./map.js');
    const map = await createMap(element, options(element));
    if (element.dataset.pinLat) await withPin(element, map);
    if (element.dataset.routesUrl) await withRoutes(element, map);
    element.dataset.ready = 'yes';
    element.dispatchEvent(new CustomEvent('map:ready', { bubbles: true, detail: { map } }));
  } catch (error) {
    console.warn('map', error);
    element.dataset.ready = 'failed';
    const words = document.createElement('p');
    words.className = 'map__message';
    words.textContent = text('map_failed');
    element.replaceChildren(words);
  }
}

function options({ dataset }) {
  return {
    basemapUrl: dataset.basemapUrl,
    center: dataset.lat ? [Number(dataset.lat), Number(dataset.lon)] : null,
    attribution: dataset.attribution,
    label: dataset.label,
  };
}

async function withPin(element, map) {
  const { pinPicker } = await import('./map-pin.js');
  pinPicker(map, document.getElementById(element.dataset.pinLat), document.getElementById(element.dataset.pinLon));
}

async function withRoutes(element, map) {
  const { drawRoutes } = await import('./map-routes.js');
  const load = async () => (await fetch(element.dataset.routesUrl, { headers: { Accept: 'application/json' } })).text();
  let drawn = await load();
  const drawing = drawRoutes(map, JSON.parse(drawn), { fit: !pinIsSet(element) });
  document.addEventListener('poll:updated', async () => {
    const fresh = await load();
    if (fresh !== drawn) drawing.update(JSON.parse(fresh));
    drawn = fresh;
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-highlight-route]');
    if (button) highlight(drawing, button);
  });
}

function pinIsSet({ dataset }) {
  return Boolean(dataset.pinLat && document.getElementById(dataset.pinLat).value);
}

function highlight(drawing, button) {
  const on = button.getAttribute('aria-pressed') !== 'true';
  for (const other of document.querySelectorAll('[data-highlight-route]')) other.setAttribute('aria-pressed', 'false');
  button.setAttribute('aria-pressed', String(on));
  drawing.highlight(on ? Number(button.dataset.highlightRoute) : null);
}
