// Forms: one send only, a question before what cannot be undone, nothing typed is lost.

import { text } from './texts.js';
import { keepTyping } from './typed.js';

const RENEW_MS = 10_000;

export function wire(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) event.preventDefault();
    else sendOnce(form, event);
  });
  if (form.dataset.keep) keepTyping(form);
  form.querySelector('[data-error-summary]')?.focus();
}

// A second click while the first is on its way is swallowed. The form is new again when somebody comes back to the
// page, or when the answer was a file and the page never left.
function sendOnce(form, event) {
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = 'yes';
  const button = event.submitter;
  const words = button?.textContent;
  button?.setAttribute('aria-disabled', 'true');
  if (button) button.textContent = text('form_sending');
  const renew = () => {
    delete form.dataset.sending;
    button?.removeAttribute('aria-disabled');
    if (button) button.textContent = words;
  };
  window.addEventListener('pageshow', renew, { once: true });
  setTimeout(renew, RENEW_MS);
}
