// What is typed or signed at a door and not sent yet stays in this tab: somebody who looks into the bag, takes a photo
// or calls comes back to it, also where the phone has dropped the page meanwhile. It goes when the door is sent, or the link ends.

import { restore, typed } from './typed.js';

const PREFIX = 'door:';

/** Put back what was typed into this form before, and keep what is typed now. */
export function keepDraft(form) {
  const key = PREFIX + form.id;
  const keep = () => sessionStorage.setItem(key, JSON.stringify(typed(form).filter(([, type]) => type !== 'hidden')));
  const before = sessionStorage.getItem(key);
  if (before) restore(form, before);
  form.addEventListener('input', keep);
  form.addEventListener('change', keep);
  form.addEventListener('tap:saved', () => sessionStorage.removeItem(key));
}

/** Where the picture of one signature is kept. */
export function signatureDraft(name) {
  const key = PREFIX + name;
  return {
    read: () => sessionStorage.getItem(key),
    keep: (canvas) => sessionStorage.setItem(key, canvas.toDataURL()),
    forget: () => sessionStorage.removeItem(key),
  };
}

/** The link has ended: names and signatures leave this phone. */
export function forgetDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
