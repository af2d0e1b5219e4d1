// The base map's look: a quiet paper map drawn from our own GeoJSON, dark at night except on pages marked `daylight`;
// where a volunteer chose bright sun or dark, as chosen.
// Labels need no glyph server: MapLibre draws them with the fonts of the machine.

const DAY = {
  ground: '#edeae3', water: '#a9cfe0', green: '#d5e4c8', building: '#ddd7cb', boundary: '#7a5c8a',
  casing: '#968c79', street: '#ffffff', main: '#fbdc94', path: '#968d7a', ink: '#23282d', halo: '#fbfaf7',
};
const NIGHT = {
  ground: '#15191d', water: '#1d3947', green: '#1d2b20', building: '#23282d', boundary: '#b79ac6',
  casing: '#0a0d0f', street: '#5b666f', main: '#a18543', path: '#5d666d', ink: '#e6eaec', halo: '#15191d',
};
const SUN = {
  ground: '#ffffff', water: '#7fc4e8', green: '#c4e6a8', building: '#e3e3e3', boundary: '#5b2a7a',
  casing: '#3a3a3a', street: '#ffffff', main: '#ffd54a', path: '#3a3a3a', ink: '#000000', halo: '#ffffff',
};
const night = window.matchMedia('(prefers-color-scheme: dark)');

function colours() {
  const page = document.documentElement.classList;
  if (page.contains('sun')) return SUN;
  if (page.contains('night')) return NIGHT;
  return night.matches && !page.contains('daylight') ? NIGHT : DAY;
}
const FONT = ['system-ui', 'Segoe UI', 'Roboto', 'Noto Sans', 'sans-serif'];

const ALONG = {
  'symbol-placement': 'line', 'symbol-spacing': 260, 'text-max-angle': 35,
  'text-size': ['interpolate', ['linear'], ['zoom'], 13, 11, 18, 15],
};

const MAIN = ['trunk', 'primary', 'secondary'];
const PATH = ['foot', 'track', 'link'];

const of = (...layers) => ['in', ['get', 'layer'], ['literal', layers]];
const isMain = ['in', ['get', 'class'], ['literal', MAIN]];
const isPath = ['in', ['get', 'class'], ['literal', PATH]];
const isMiddle = ['==', ['get', 'class'], 'tertiary'];

// Width in pixels by zoom: about the street's true width from zoom 17 on.
const width = (extra) => [
  'interpolate', ['exponential', 1.6], ['zoom'],
  12, ['+', extra / 3, ['case', isMain, 1.6, isMiddle, 1.1, 0.5]],
  15, ['+', extra / 1.5, ['case', isMain, 5, isMiddle, 4, isPath, 0.8, 2.4]],
  18, ['+', extra, ['case', isMain, 22, isMiddle, 16, isPath, 3, 11]],
];

/** A MapLibre style for the answer of /ban-do/nen.json: a FeatureCollection, or {tiles, ...} of features with properties layer, class, name, number (routing/roads/basemap.py). */
export function baseStyle(basemap, attribution) {
  return {
    version: 8,
    sources: { base: basemap.tiles ? tiled(basemap, attribution) : { type: 'geojson', data: basemap, attribution, tolerance: 0.2 } },
    layers: baseLayers(colours()).map((layer) => (basemap.tiles && layer.source ? { ...layer, 'source-layer': 'base' } : layer)),
  };
}

// A city's map comes in tiles (routing/roads/tiles.py). The worker that fetches them needs a whole address.
function tiled({ tiles, minzoom, maxzoom, bounds }, attribution) {
  return { type: 'vector', tiles: [window.location.origin + tiles], minzoom, maxzoom, bounds, attribution };
}

/** Let the map change its colours with the machine's day and night. */
export function followNight(map) {
  const repaint = () => {
    for (const { id, paint } of baseLayers(colours())) {
      for (const [name, value] of Object.entries(paint)) if (name.endsWith('-color')) map.setPaintProperty(id, name, value);
    }
  };
  const chosen = new MutationObserver(repaint);
  night.addEventListener('change', repaint);
  chosen.observe(document.documentElement, { attributeFilter: ['class'] });
  map.once('remove', () => {
    night.removeEventListener('change', repaint);
    chosen.disconnect();
  });
}

function baseLayers(COLOUR) {
  const label = (...about) => words(COLOUR, ...about);
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': COLOUR.ground } },
    fill('green', COLOUR.green),
    fill('water', COLOUR.water),
    line('water-line', of('water'), { 'line-color': COLOUR.water, 'line-width': 2 }),
    { ...fill('building', COLOUR.building), minzoom: 15 },
    line('road-casing', ['all', of('road'), ['!', isPath]], { 'line-color': COLOUR.casing, 'line-width': width(2) }),
    line('path', ['all', of('road'), isPath], { 'line-color': COLOUR.path, 'line-width': width(0), 'line-dasharray': [2, 1] }, 15),
    line('road', ['all', of('road'), ['!', isPath]], {
      'line-color': ['case', isMain, COLOUR.main, COLOUR.street], 'line-width': width(0),
    }),
    line('boundary', of('boundary'), { 'line-color': COLOUR.boundary, 'line-width': 2, 'line-dasharray': [4, 2] }),
    label('main-name', ['all', of('road'), ['has', 'name'], isMain], ['get', 'name'], 12, ALONG),
    label('road-name', ['all', of('road'), ['has', 'name'], ['!', isMain]], ['get', 'name'], 13.5, ALONG),
    label('house-number', of('house'), ['get', 'number'], 16.5, { 'text-size': 11 }),
    label('place-name', of('place', 'water', 'green'), ['coalesce', ['get', 'name'], ''], 12, { 'text-size': 13 }),
  ];
}

function fill(kind, colour) {
  const isArea = ['in', ['geometry-type'], ['literal', ['Polygon', 'MultiPolygon']]];
  return { id: kind, type: 'fill', source: 'base', filter: ['all', of(kind), isArea], paint: { 'fill-color': colour } };
}

function line(id, filter, paint, minzoom = 0) {
  return { id, type: 'line', source: 'base', filter, minzoom, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint };
}

function words(COLOUR, id, filter, text, minzoom, layout) {
  return {
    id, type: 'symbol', source: 'base', filter, minzoom,
    layout: { 'text-field': text, 'text-font': FONT, ...layout },
    paint: { 'text-color': COLOUR.ink, 'text-halo-color': COLOUR.halo, 'text-halo-width': 1.4 },
  };
}
