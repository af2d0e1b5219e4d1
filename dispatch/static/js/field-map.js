// Our own map with the line to ride: drawn when it is asked for.

const box = document.getElementById('map-box');
box?.addEventListener('toggle', async () => {
  const map = box.querySelector('[data-map-later]');
  if (!box.open || map.dataset.ready) return;
  const { wire } = await import('./map-page.js');
  await wire(map);
});
