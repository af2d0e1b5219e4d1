// The volunteer's page: a tap is saved on the phone before anything else happens, then sent; the page shows at once
// what was tapped, and reads itself again when the server has it.

import { Outbox } from './field-outbox.js';
import { tellAfter } from './field-eta.js';
import { draw, undoable } from './field-shown.js';
import { allTaps, changeTap, newKey, tidy } from './field-store.js';
import { showLog } from './field-log.js';

const bar = document.getElementById('outbox');
const outbox = new Outbox({ url: bar.dataset.url, filesUrl: bar.dataset.filesUrl, heard });
const REST_MS = 600;
let typing = false;
let saving = 0;
let leaving = false;

document.addEventListener('submit', (event) => {
  if (event.target.matches('form[data-tap]')) tapped(event);
});
document.addEventListener('input', ({ target }) => {
  typing ||= Boolean(target.form);
  if (typing) stay();
});
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-opens], [data-sets-out]');
  if (link?.dataset.opens) document.getElementById(link.dataset.opens).open = true;
  if (link?.dataset.setsOut) setOut(link.dataset.setsOut);
});
navigator.storage?.persist?.();
tidy().catch(() => {});
start();

async function start() {
  await refresh().catch(() => {});
  outbox.send();
}

// The form as it stands is the tap: its fields, its files, and what a part of it adds on `tap:collect` (a signature:
// push {kind, blob} to detail.files; a promise may be pushed as well). `tap:saved` says that the phone holds it.
async function tapped(event) {
  const form = event.target;
  event.preventDefault();
  rest();
  const occurred_at = new Date().toISOString();
  const { fields, files } = read(form);
  const label = event.submitter?.textContent.trim() ?? '';
  const key = fields.kind === 'set_out' ? fields.key : newKey();
  try {
    await save({ ...fields, key, occurred_at, label }, files);
  } catch {
    // nothing can be saved here: send the form itself
    for (const name of ['occurred_at', 'now']) addHidden(form, name, occurred_at);
    form.submit();
    return;
  }
  form.dispatchEvent(new CustomEvent('tap:saved'));
  typing = false;
  await refresh();
  if (['done', 'not_done'].includes(fields.kind)) window.scrollTo({ top: 0 });
  outbox.send();
}

// The page does not go while something is written down.
async function save(tap, files = []) {
  saving += 1;
  stay();
  try {
    await outbox.add({ ...tap, device: bar.dataset.device }, await Promise.all(files));
  } finally {
    saving -= 1;
  }
}

// On a slow network the page stands for seconds after it has been told to read itself again.
function stay() {
  if (leaving) window.stop();
  leaving = false;
}

function read(form) {
  const detail = { files: [] };
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File)) fields[name] = value;
    else if (value.size > 0) detail.files.push({ kind: name, blob: value });
  }
  form.dispatchEvent(new CustomEvent('tap:collect', { bubbles: true, detail }));
  return { fields, files: detail.files };
}

// Asking for directions to the next door is setting out.
async function setOut(job) {
  const form = document.getElementById(`set-out-${job}`);
  const isFirst = form && document.getElementById('next').contains(form);
  if (!isFirst || document.getElementById(`door-${job}`).dataset.state !== 'planned') return;
  const { fields } = read(form);
  const tap = { ...fields, occurred_at: new Date().toISOString(), label: form.dataset.label };
  const told = (await allTaps().catch(() => [])).some((one) => one.key === tap.key);
  if (told) return;
  await save(tap).catch(() => {}); // where nothing can be saved, arriving says it as well
  await refresh();
  outbox.send();
}

// Taps that the page does not know of: those that wait, and those answered after it was drawn.
async function refresh() {
  const own = (await allTaps()).filter((tap) => tap.device === bar.dataset.device);
  const unknown = own.filter((tap) => !tap.state || Date.parse(tap.answered_at) > Date.parse(bar.dataset.now));
  await say();
  showSeen(unknown);
  draw(unknown);
  tellAfter(unknown);
  showUndo(unknown);
  document.documentElement.dataset.waiting = unknown.length; // 0: the server drew this page and knows every tap
}

async function say({ sending = false, noKey = false } = {}) {
  const taps = await allTaps();
  const waiting = taps.filter((tap) => !tap.state).length;
  bar.hidden = waiting === 0;
  const words = noKey ? bar.dataset.noKey : sending ? bar.dataset.sending : bar.dataset.waiting.replace('{n}', waiting);
  if (waiting > 0 && bar.textContent !== words) bar.textContent = words;
  showLog(taps, bar.dataset.zone);
}

// The server has answered: read the page again, but never under somebody's typing.
async function heard({ sending, noKey, answered }) {
  await say({ sending, noKey });
  if (!answered) return;
  const refused = (await allTaps()).filter((tap) => tap.state === 'refused' && !tap.told);
  for (const tap of refused) await changeTap({ ...tap, told: true });
  if (refused.length > 0) window.alert(refused.map((tap) => tap.sentence).join('\n'));
  if (typing || saving) return;
  leaving = true;
  window.location.replace(bar.dataset.here);
}

// A change that was seen makes room for the door, also before the server knows.
function showSeen(unknown) {
  const form = document.getElementById('seen');
  if (!unknown.some((tap) => tap.kind === 'seen' && tap.shown === form?.elements.shown.value)) return;
  document.getElementById('changes').hidden = true;
  document.getElementById('seen-bar')?.remove();
  const bar = document.getElementById('door-bar');
  if (bar) bar.hidden = false;
}

// The bar shows other buttons now: a second touch meant the first ones.
function rest() {
  const thumbs = document.querySelector('.thumb-bar');
  if (!thumbs) return;
  thumbs.inert = true;
  setTimeout(() => { thumbs.inert = false; }, REST_MS);
}

function addHidden(form, name, value) {
  const input = document.createElement('input');
  Object.assign(input, { type: 'hidden', name, value });
  form.append(input);
}

function showUndo(unknown) {
  const template = document.getElementById('local-undo');
  document.querySelectorAll('.field-undo--here').forEach((one) => one.remove());
  const drawn = document.querySelector('.field-undo');
  if (drawn) drawn.hidden = unknown.length > 0;
  const tap = undoable(unknown);
  if (!template || !tap) return;
  const box = template.content.firstElementChild.cloneNode(true);
  box.querySelector('strong').textContent = tap.label;
  box.querySelector('button').addEventListener('click', async () => {
    const undone = { kind: 'undone', job: tap.job, corrects: tap.key, key: newKey(), occurred_at: new Date().toISOString() };
    await save({ ...undone, label: box.querySelector('button').textContent });
    await refresh();
    outbox.send();
  });
  bar.after(box);
}
