// Wires a page: every part is found by its data attribute and gets its module only where it occurs.

import { forgetSaved } from './typed.js';

const PARTS = [
  ['form[data-form], form[data-confirm]', './forms.js'],
  ['[data-shows], [data-step], [data-print], [data-copy], [data-dialog-open]', './controls.js'],
  ['[data-suggest-url]', './suggest.js'],
  ['[data-poll-url]', './poll.js'],
  ['[data-progress-url]', './progress.js'],
  ['[data-chart]', './charts.js'],
  ['[data-map]', './map-page.js'],
];

/** Wire everything inside `root` that is not wired yet. */
export async function enhance(root) {
  for (const [selector, address] of PARTS) {
    const elements = [...root.querySelectorAll(selector)].filter((element) => !element.dataset.wired);
    if (elements.length === 0) continue;
    const { wire } = await import(address);
    for (const element of elements) {
      if (element.dataset.wired) continue;
      element.dataset.wired = 'yes';
      wire(element);
    }
  }
}

document.addEventListener('poll:updated', (event) => enhance(event.target));
document.querySelector('.site-nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
document.querySelector('[data-log-out]')?.addEventListener('submit', () => sessionStorage.clear());
forgetSaved();
enhance(document);
