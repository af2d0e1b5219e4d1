// Keeps the phone page on this phone: registers the service worker, then has it hold the page and the map.

import { readsByItself } from './door-scan.js';

const { here, worker, mapFiles, readerFiles } = document.getElementById('outbox').dataset;
// the page itself, its links (out of reach without a network), and the map's own worker
const OTHER_SCOPES = ['/r/', '/static/vendor/'];

if ('serviceWorker' in navigator) window.addEventListener('load', () => setTimeout(install, 1000));

async function install() {
  try {
    await register(here);
    await controlled();
    if (window.location.pathname !== here) return;
    if (!(await caches.match(here))) await fetch(here, { headers: { Accept: 'text/html' } });
    for (const scope of OTHER_SCOPES) await register(scope);
    const later = (await readsByItself()) ? mapFiles : `${mapFiles} ${readerFiles}`;
    if (!navigator.connection?.saveData) for (const url of later.split(' ').filter(Boolean)) await fetch(url);
    document.documentElement.dataset.held = 'yes';
  } catch {
    // without a service worker the page works as long as there is a network
  }
}

// Resolves when it is at work: one that is still being installed is forgotten when the browser is closed.
async function register(scope) {
  const registration = await navigator.serviceWorker.register(worker, { scope });
  const coming = registration.installing ?? registration.waiting;
  if (!coming) return;
  await new Promise((resolve) => {
    if (coming.state === 'activated') resolve();
    coming.addEventListener('statechange', () => ['activated', 'redundant'].includes(coming.state) && resolve());
  });
}

function controlled() {
  if (navigator.serviceWorker.controller) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
  });
}
