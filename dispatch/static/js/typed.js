// What is typed into a form with `data-keep` stays in this tab until the server has saved it.

import { text } from './texts.js';

const PREFIX = 'typed:';
const SENT = 'typed-and-sent';
const NEVER_KEPT = 'input[type="password"], input[type="file"], input[type="hidden"][name="csrf_token"]';

/** Keep the typing of `form`. One that came back from the server already holds it.
 *  The page begins empty and offers what was typed before: the next caller is somebody else. */
export function keepTyping(form) {
  const key = PREFIX + form.dataset.keep;
  const keep = () => sessionStorage.setItem(key, JSON.stringify(typed(form)));
  if (!form.querySelector('[data-error-summary]')) offer(form, key);
  form.addEventListener('input', keep);
  form.addEventListener('change', keep);
  form.addEventListener('submit', () => sessionStorage.setItem(SENT, key));
}

/** Called on every page: the server answers a form that it saved by leading on to another page; then it is forgotten.
 *  Where it never arrived (no network, the browser's own page instead), the next page is one that was gone back to. */
export function forgetSaved() {
  const key = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  if (!key || document.body.classList.contains('error-page')) return;
  const [way] = performance.getEntriesByType('navigation');
  if (way && way.type !== 'back_forward' && way.redirectCount > 0) sessionStorage.removeItem(key);
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && field.matches('input, select, textarea') && !field.matches(NEVER_KEPT));
}

/** What a form holds, as `restore` takes it: [name, type, value of a choice or null, value or whether chosen]. */
export function typed(form) {
  return fields(form).map((field) => [field.name, field.type, isChoice(field) ? field.value : null, isChoice(field) ? field.checked : field.value]);
}

function isChoice(field) {
  return field.type === 'checkbox' || field.type === 'radio';
}

// The draft moves aside, so that what is typed now does not overwrite it before somebody has chosen.
function offer(form, key) {
  const aside = `${key}:before`;
  const kept = sessionStorage.getItem(key);
  if (kept) sessionStorage.setItem(aside, kept);
  sessionStorage.removeItem(key);
  const before = sessionStorage.getItem(aside);
  if (!before) return;
  const notice = say(text('form_draft'));
  const end = (afterwards) => () => {
    sessionStorage.removeItem(aside);
    afterwards();
    notice?.parentElement.remove();
    form.querySelector('input:not([type="hidden"])')?.focus();
  };
  notice?.append(button(text('form_draft_take'), end(() => restore(form, before))));
  notice?.append(button(text('form_draft_drop'), end(() => {})));
}

function button(words, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = words;
  made.addEventListener('click', act);
  return made;
}

/** Put into a form what it held; `kept` is JSON of `typed`. */
export function restore(form, kept) {
  for (const [name, type, choice, value] of JSON.parse(kept)) {
    const field = fields(form).find((one) => one.name === name && one.type === type && (choice === null || one.value === choice));
    if (!field) continue;
    const property = choice === null ? 'value' : 'checked';
    if (field[property] === value) continue;
    field[property] = value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

function say(words) {
  const notices = document.querySelector('.notices');
  if (!notices) return null;
  const notice = document.createElement('div');
  notice.className = 'notice notice--info';
  const body = document.createElement('p');
  body.className = 'notice__body';
  body.textContent = `${words} `;
  notice.append(body);
  notices.append(notice);
  return body;
}
