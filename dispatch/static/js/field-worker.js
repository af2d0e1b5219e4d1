// The service worker of the phone page. VERSION, SHELL, HERE, TITLE, ICON, OFFLINE and KEPT stand before this text
// (dispatch/field/installed.py). The page comes from the server where it answers in time, else from this phone;
// scripts and styles come from this phone.

const FILES = `files-${VERSION}`;
const PAGES = 'pages';
const PATIENCE_MS = 4000;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname === HERE) event.respondWith(page(event));
  else if (url.pathname.startsWith('/r/')) event.respondWith(fetch(event.request).catch(() => Response.redirect(HERE)));
  else if (url.pathname.startsWith('/static/')) event.respondWith(file(event.request));
  else if (KEPT.includes(url.pathname)) event.respondWith(data(event.request));
});

// The message says only that something has changed: what, the page says. A newer one takes the place of the one before.
self.addEventListener('push', (event) => {
  const words = { body: event.data?.text() ?? '', icon: ICON, tag: 'route', renotify: true, lang: 'vi' };
  event.waitUntil(self.registration.showNotification(TITLE, words));
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});

async function openPage() {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = pages.find((one) => new URL(one.url).pathname === HERE);
  if (!open) return self.clients.openWindow(HERE);
  await open.focus();
  return open.navigate(HERE);
}

async function install() {
  const cache = await caches.open(FILES);
  const held = await Promise.all([...SHELL, OFFLINE].map(async (url) => ((await cache.match(url)) ? null : url)));
  await cache.addAll(held.filter(Boolean).map((url) => new Request(url, { cache: 'no-cache' })));
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith('files-') && name !== FILES);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function page(event) {
  const kept = await keptPage();
  const fresh = fromServer(event.request);
  event.waitUntil(fresh.catch(() => {}));
  if (!kept) return fresh.catch(() => caches.match(OFFLINE));
  const patience = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE_MS); });
  return Promise.race([fresh.catch(() => kept), patience]);
}

async function fromServer(request) {
  const answer = await fetch(request);
  if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
  const pages = await caches.open(PAGES);
  if (answer.ok && !answer.redirected) await pages.put(HERE, await withEnd(answer.clone()));
  else await pages.delete(HERE); // the link has ended: names and addresses leave this phone
  // a newer server: its page must not meet old scripts
  if (answer.ok && answer.headers.get('X-Shell') !== VERSION) await caches.delete(FILES);
  return answer;
}

// A page may be read until its link ends; the server says how long that is, as phones' clocks are wrong.
async function withEnd(answer) {
  const headers = new Headers(answer.headers);
  headers.delete('Content-Encoding'); // the body is read, and plain
  headers.set('X-Reads-Until', new Date(Date.now() + 1000 * Number(headers.get('X-Reads-For'))).toISOString());
  return new Response(await answer.blob(), { headers });
}

// The page that this phone holds, unless the time in which it may be read is over.
async function keptPage() {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(HERE);
  if (!kept || Date.parse(kept.headers.get('X-Reads-Until')) > Date.now()) return kept;
  await pages.delete(HERE);
  return undefined;
}

async function file(request) {
  const known = await caches.match(request, { cacheName: FILES, ignoreSearch: true });
  return known ?? keep(FILES, request, await fetch(request));
}

// The map: what is new where the server answers, else what this phone holds.
async function data(request) {
  try {
    return await keep(PAGES, request, await fetch(request));
  } catch (error) {
    const known = await caches.match(request, { cacheName: PAGES });
    if (known) return known;
    throw error;
  }
}

async function keep(name, request, answer) {
  if (answer.ok) await (await caches.open(name)).put(request, answer.clone());
  return answer;
}
