// Where this phone is: only when the volunteer agreed, on duty, and while the page is seen. The desk gets it to about
// 100 m, at most once a minute or every 100 m; arriving at a door says where the door is, to about 10 m.

import { tellFrom } from './field-eta.js';
import { inForce } from './field-shown.js';
import { allTaps } from './field-store.js';

const EVERY_MS = 60_000;
const SOONEST_MS = 15_000;
const FAR_M = 100;
const METRES_A_DEGREE = 111_195;
const GOOD_M = 50; // what is less exact says nothing about a door
const SETTINGS = { enableHighAccuracy: true, maximumAge: 30_000 };

const box = document.getElementById('position');
const device = document.getElementById('outbox')?.dataset.device;
let watch = null;
let told = JSON.parse(sessionStorage.getItem('field-told') ?? 'null'); // the page is read again after each tap

if (box && navigator.geolocation) {
  document.addEventListener('submit', ({ target }) => target.matches('[data-consent]') && answered(target), true);
  document.addEventListener('visibilitychange', follow);
  follow();
}

// The answer counts at once, before it is sent and also where it cannot be.
function answered(form) {
  const yes = form.elements.kind.value === 'position_on';
  box.dataset.shared = yes ? 'yes' : '';
  sessionStorage.removeItem('field-told');
  if (yes) start();
  else stop();
}

async function follow() {
  if (document.hidden || !(await isShared())) stop();
  else start();
}

function start() {
  watch ??= navigator.geolocation.watchPosition(moved, denied, SETTINGS);
}

// What the page was drawn with, and what was answered on this phone since.
async function isShared() {
  const taps = inForce(await allTaps().catch(() => [])).filter((tap) => tap.device === device);
  const last = taps.filter((tap) => ['position_on', 'position_off', 'shift_ended'].includes(tap.kind) && isNews(tap)).at(-1);
  return last ? last.kind === 'position_on' : box.dataset.shared === 'yes';
}

function isNews(tap) {
  return !tap.state || Date.parse(tap.answered_at) > Date.parse(document.getElementById('outbox').dataset.now);
}

function stop() {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
  fillIn('', '');
}

function denied({ code, PERMISSION_DENIED }) {
  const words = box.querySelector('[data-denied]');
  if (words && code === PERMISSION_DENIED) words.hidden = false;
}

function moved({ coords: { latitude, longitude, accuracy } }) {
  const exact = accuracy <= GOOD_M;
  fillIn(exact ? latitude.toFixed(4) : '', exact ? longitude.toFixed(4) : '');
  tellFrom({ at: Date.now() + Number(localStorage.getItem('field-ahead') ?? 0), lat: latitude, lon: longitude });
  const here = { at: Date.now(), lat: latitude, lon: longitude };
  if (isWorthTelling(here)) send(here);
}

function isWorthTelling(here) {
  if (!told) return true;
  const passed_ms = here.at - told.at;
  return passed_ms >= EVERY_MS || (passed_ms >= SOONEST_MS && metres(told, here) >= FAR_M);
}

function metres(a, b) {
  const across = (b.lon - a.lon) * Math.cos(a.lat * Math.PI / 180);
  return METRES_A_DEGREE * Math.hypot(b.lat - a.lat, across);
}

async function send(here) {
  told = here;
  try {
    const answer = await fetch(box.dataset.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ lat: here.lat.toFixed(3), lon: here.lon.toFixed(3) }),
    });
    // before the answer to the question is in, the server keeps nothing
    if (answer.ok && (await answer.json()).kept) sessionStorage.setItem('field-told', JSON.stringify(here));
  } catch {
    // without a network there is nobody to tell
  }
}

// Doors are found better the next time when arriving says where it was.
function fillIn(lat, lon) {
  for (const { elements } of document.querySelectorAll('form[id^="arrived-"]')) {
    elements.lat.value = lat;
    elements.lon.value = lon;
  }
}
