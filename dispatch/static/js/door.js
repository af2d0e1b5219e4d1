// The door's forms beside their taps: missing papers read out, the code checked, envelopes compared, the place of an
// incident. Everything works without a network; without this script the forms still send.

import { checkCode } from './door-code.js';
import { offerScan } from './door-scan.js';
import { offerSignature } from './door-sign.js';
import { keepDraft } from './field-draft.js';

document.querySelectorAll('form[data-tap][id]').forEach(keepDraft);
document.querySelectorAll('[data-sign]').forEach(offerSignature);
document.querySelectorAll('[data-scan]').forEach(offerScan);
document.addEventListener('input', (event) => {
  if (event.target.matches('.door-code')) checkCode(event.target);
  if (event.target.matches('[data-expects]')) compare(event.target);
});
document.addEventListener('change', (event) => {
  const list = event.target.closest('[data-lacks]');
  if (list) lacks(list, event.target);
});
document.querySelectorAll('[data-lacks]').forEach(catchUp);
document.querySelectorAll('.door-code').forEach(checkCode);
document.querySelectorAll('[data-expects]').forEach(compare);
document.addEventListener('toggle', (event) => {
  if (event.target.matches('details[data-locates][open]')) locate(event.target);
}, true);

// A missing paper: say it in words, and count it off.
function lacks(list, box) {
  say(list);
  countOff(list, box);
}

function say(list) {
  const names = [...list.querySelectorAll('input:checked')].map((one) => one.dataset.name);
  const words = list.querySelector('[data-say]');
  words.hidden = names.length === 0;
  words.textContent = words.dataset.say.replace('{papers}', names.join(', '));
}

function countOff(list, box) {
  for (const kind of ['originals', 'copies']) {
    const counter = list.form?.elements[kind] ?? list.closest('form').elements[kind];
    if (!counter) continue;
    const change = Number(box.dataset[kind]) * (box.checked ? -1 : 1);
    counter.value = String(Math.max(0, Number(counter.value) + change));
  }
}

// A quick thumb ticks before this script is here, or it was ticked before the page came back; counts that differ from
// what was drawn have been counted already.
function catchUp(list) {
  say(list);
  const counts = [...list.closest('form').querySelectorAll('input[type="number"]')];
  if (counts.some((one) => one.value !== one.defaultValue)) return;
  list.querySelectorAll('input:checked').forEach((box) => countOff(list, box));
}

function compare(field) {
  const plain = (text) => text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '').replace(/^B(?=\d{7}$)/, '');
  const said = field.closest('.field').querySelector('[role="status"]');
  const wrong = field.value.trim() !== '' && plain(field.value) !== plain(field.dataset.expects);
  said.textContent = wrong ? field.dataset.wrong : '';
  said.hidden = !wrong;
}

function locate(details) {
  navigator.geolocation?.getCurrentPosition(({ coords }) => {
    details.querySelector('[name="lat"]').value = coords.latitude.toFixed(4);
    details.querySelector('[name="lon"]').value = coords.longitude.toFixed(4);
  }, () => {}, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 });
}
