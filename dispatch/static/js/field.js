// The volunteer's page: a tap is saved on the phone before anything else happens, then sent; the page shows at once
// what was tapped, and reads itself again when the server has it.

import { Outbox, newKey } from './field-outbox.js';

const bar = document.getElementById('outbox');
const outbox = new Outbox(bar.dataset.url, showOutbox);
const FINISHED = ['done', 'not_done'];
const ahead_ms = Date.parse(bar.dataset.now) - Date.now(); // the ward's clock before this phone's
let typing = false;

document.addEventListener('submit', (event) => {
  if (event.target.matches('form[data-tap]')) tapped(event);
});
document.addEventListener('input', () => { typing = true; });
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-opens], [data-sets-out]');
  if (link?.dataset.opens) document.getElementById(link.dataset.opens).open = true;
  if (link?.dataset.setsOut) setOut(link.dataset.setsOut);
});
showOutbox({ waiting: outbox.waiting.length });
outbox.waiting.forEach(showTap);
outbox.send();

function tapped(event) {
  const form = event.target;
  const fields = Object.fromEntries(new FormData(form));
  let tap;
  try {
    tap = outbox.add({ ...fields, key: fields.kind === 'set_out' ? fields.key : newKey() });
  } catch {
    addHidden(form, 'occurred_at', new Date().toISOString()); // nothing can be saved here: send the form itself
    addHidden(form, 'now', new Date().toISOString());
    return;
  }
  event.preventDefault();
  typing = false;
  showLocalUndo(tap, showTap(tap));
  outbox.send();
}

// Asking for directions to the next door is setting out.
function setOut(job) {
  const button = document.querySelector(`.thumb-bar [form="set-out-${job}"]:not([hidden])`);
  const form = document.getElementById(`set-out-${job}`);
  if (!button || !form) return;
  try {
    showTap(outbox.add(Object.fromEntries(new FormData(form))));
    outbox.send();
  } catch {
    // nothing can be saved on this phone; arriving says it as well
  }
}

// The server has answered: read the page again, but never under somebody's typing.
function answered(answers) {
  const refused = answers.filter((answer) => answer.state === 'refused').map((answer) => answer.sentence);
  if (refused.length > 0) window.alert(refused.join('\n'));
  if (!typing) window.location.replace(bar.dataset.here);
}

function addHidden(form, name, value) {
  const input = document.createElement('input');
  Object.assign(input, { type: 'hidden', name, value });
  form.append(input);
}

function showOutbox({ waiting, sending = false, noKey = false, answers = [] }) {
  if (answers.length > 0 && waiting === 0) answered(answers);
  bar.hidden = waiting === 0;
  const words = noKey ? bar.dataset.noKey : sending ? bar.dataset.sending : bar.dataset.waiting.replace('{n}', waiting);
  if (waiting > 0 && bar.textContent !== words) bar.textContent = words;
}

// What the page can show by itself while the server is out of reach. Gives a function that shows it as before.
function showTap(tap) {
  const door = document.querySelector(`[data-door="${CSS.escape(tap.job)}"]`);
  if (tap.kind === 'undone' || !door) return () => {};
  const folded = door.closest('details[id^="rest-"]') ?? door;
  const parts = [folded, ...document.querySelectorAll(`[data-for="${tap.job}"]`), ...door.querySelectorAll('[data-when]')];
  const before = parts.map((part) => [part, part.hidden]);
  for (const part of parts) part.hidden = isHidden(part, tap.kind);
  hideEmptyBar();
  if (FINISHED.includes(tap.kind)) openNext();
  return () => {
    before.forEach(([part, hidden]) => { part.hidden = hidden; });
    hideEmptyBar();
  };
}

function hideEmptyBar() {
  const thumbs = document.querySelector('.thumb-bar');
  if (thumbs) thumbs.hidden = !thumbs.querySelector('[data-for]:not([hidden])');
}

function isHidden(part, kind) {
  if (FINISHED.includes(kind)) return true;
  if (!part.dataset.when) return part.hidden;
  if (kind === 'set_out') return part.hidden || part.matches('[form^="set-out"]');
  return (part.dataset.when === 'there') !== (kind === 'arrived');
}

function openNext() {
  const next = [...document.querySelectorAll('details[id^="rest-"]')].find((one) => !one.hidden);
  if (!next) return;
  next.open = true;
  next.scrollIntoView({ block: 'start' });
}

function showLocalUndo(tap, showAgain) {
  const template = document.getElementById('local-undo');
  document.querySelectorAll('.field-undo').forEach((one) => one.remove());
  if (!template || tap.kind === 'undone' || tap.kind === 'set_out') return;
  const box = template.content.firstElementChild.cloneNode(true);
  const moment = new Date(Date.parse(tap.occurred_at) + ahead_ms);
  const time = moment.toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit', timeZone: bar.dataset.zone });
  box.querySelector('strong').textContent = `${{ arrived: box.dataset.arrived, done: box.dataset.done, not_done: box.dataset.notDone }[tap.kind]} ${time}`;
  box.querySelector('button').addEventListener('click', () => {
    outbox.add({ kind: 'undone', job: tap.job, corrects: tap.key, key: newKey() });
    showAgain();
    box.remove();
    outbox.send();
  });
  bar.after(box);
}
