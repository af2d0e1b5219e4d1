// Forms: one send only, a question before what cannot be undone, nothing typed is lost.

import { text } from './texts.js';

const PREFIX = 'typed:';
const NEVER_KEPT = 'input[type="password"], input[type="file"], input[type="hidden"][name="csrf_token"]';

export function wire(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) event.preventDefault();
    else sendOnce(form, event);
  });
  if (form.dataset.keep) keepTyping(form, PREFIX + form.dataset.keep);
  form.querySelector('[data-error-summary]')?.focus();
}

// A second click while the first is on its way is swallowed; coming back to the page makes the form new again.
function sendOnce(form, event) {
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = 'yes';
  const button = event.submitter;
  const words = button?.textContent;
  if (button) {
    button.setAttribute('aria-disabled', 'true');
    button.textContent = text('form_sending');
  }
  window.addEventListener('pageshow', () => {
    delete form.dataset.sending;
    if (!button) return;
    button.removeAttribute('aria-disabled');
    button.textContent = words;
  }, { once: true });
}

// A form that the server sends back (it has an error summary) already holds what was typed. A page that follows a
// saved form names it in `data-typed-saved`, and what was kept is forgotten.
function keepTyping(form, key) {
  if (!form.querySelector('[data-error-summary]')) restore(form, sessionStorage.getItem(key));
  form.addEventListener('input', () => sessionStorage.setItem(key, JSON.stringify(typed(form))));
  form.addEventListener('change', () => sessionStorage.setItem(key, JSON.stringify(typed(form))));
  form.addEventListener('reset', () => sessionStorage.removeItem(key));
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && field.matches('input, select, textarea') && !field.matches(NEVER_KEPT));
}

function typed(form) {
  return fields(form).map((field) => [field.name, field.type, isChoice(field) ? field.value : null, isChoice(field) ? field.checked : field.value]);
}

function isChoice(field) {
  return field.type === 'checkbox' || field.type === 'radio';
}

function restore(form, kept) {
  if (!kept) return;
  let changed = false;
  for (const [name, type, choice, value] of JSON.parse(kept)) {
    const field = fields(form).find((one) => one.name === name && one.type === type && (choice === null || one.value === choice));
    if (!field) continue;
    const property = choice === null ? 'value' : 'checked';
    if (field[property] === value) continue;
    field[property] = value;
    changed = true;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  if (changed) say(text('form_restored'));
}

function say(words) {
  const notices = document.querySelector('.notices');
  if (!notices) return;
  const notice = document.createElement('div');
  notice.className = 'notice notice--info';
  const body = document.createElement('p');
  body.className = 'notice__body';
  body.textContent = words;
  notice.append(body);
  notices.append(notice);
}

for (const saved of document.querySelectorAll('[data-typed-saved]')) {
  sessionStorage.removeItem(PREFIX + saved.dataset.typedSaved);
}
