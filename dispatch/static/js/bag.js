// The bag desk: what is scanned or typed is ticked in the list at once, and kept on this computer until the server has
// received it, also while the network is gone. The server compares again.

import { offerScan } from './door-scan.js';

const KEPT = 'bag:';
const FORGET_MS = 3 * 24 * 3600 * 1000;
const AGAIN_MS = 5000;
const key = KEPT + window.location.pathname;
let pressed = null; // what waits to be sent
let timer = 0;

for (const name of Object.keys(localStorage)) {
  if (name.startsWith(KEPT) && Date.now() - JSON.parse(localStorage.getItem(name)).at > FORGET_MS) localStorage.removeItem(name);
}
// Before the form's own listeners: a page that leaves for a server out of reach would be lost.
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-bag]')) return;
  event.preventDefault();
  event.stopPropagation();
  pressed = event.submitter?.value ?? 'check';
  send();
}, true);
document.addEventListener('input', ({ target }) => {
  if (target.name !== 'codes') return;
  localStorage.setItem(key, JSON.stringify({ at: Date.now(), codes: target.value }));
  tick();
});
window.addEventListener('online', () => pressed && send());
wire();

function wire() {
  const field = codes();
  field.value ||= JSON.parse(localStorage.getItem(key))?.codes ?? '';
  document.querySelectorAll('[data-scan]').forEach(offerScan);
  tick();
}

function codes() {
  return document.querySelector('textarea[name="codes"]');
}

async function send() {
  clearTimeout(timer);
  const form = document.querySelector('[data-bag]');
  const body = new FormData(form);
  body.set('do', pressed);
  let answer;
  try {
    answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: pressed === 'take' ? 'application/json' : 'text/html' } });
    if (answer.status >= 500) throw new Error(String(answer.status));
  } catch {
    say(form.dataset.waiting);
    timer = setTimeout(send, AGAIN_MS);
    return;
  }
  const was = pressed;
  pressed = null;
  if (answer.redirected) window.location.assign(answer.url); // to log in; what was typed stays here meanwhile
  else if (was === 'take') received(answer);
  else showPage(await answer.text());
}

async function received(answer) {
  if (!answer.ok) {
    window.location.reload();
    return;
  }
  localStorage.removeItem(key);
  window.location.assign((await answer.json()).next);
}

function showPage(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  document.querySelector('main').replaceWith(page.querySelector('main'));
  if (codes()) wire();
  document.getElementById('compared')?.focus();
}

function say(words) {
  const told = document.getElementById('bag-state');
  if (told.textContent !== words) told.textContent = words;
  told.hidden = false;
}

function tick() {
  const typed = new Set(codes().value.toUpperCase().split('\n').map((line) => line.replace(/[^A-Z0-9]/g, '')).filter(Boolean));
  for (const row of document.querySelectorAll('[data-bag-row]')) {
    const names = row.dataset.bagRow.split(' ').filter(Boolean);
    const mark = row.querySelector('[data-bag-mark]');
    const badge = mark.querySelector('.badge');
    if (!badge) continue;
    badge.dataset.before ??= badge.textContent;
    const here = names.some((name) => typed.has(name) || typed.has(name.replace(/^B/, '')));
    badge.textContent = here ? mark.dataset.bagMark : badge.dataset.before;
    badge.classList.toggle('badge--done', here);
  }
}
