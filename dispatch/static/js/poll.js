// A part of a page that keeps itself fresh: asks with the last ETag, slows down when the server does not answer,
// rests while the tab is hidden, and leaves focus and opened details where they are.

import { text } from './texts.js';

const SLOWEST_S = 120;

/**
 * Wire an element with data-poll-url (answers the inner HTML) and data-poll-seconds; data-poll-first is the wait before
 * the first question, data-poll-from the moment from which the page is (a phone may show what it held).
 */
export function wire(element) {
  new Poll(element);
}

class Poll {
  constructor(element) {
    this.element = element;
    this.every_s = Number(element.dataset.pollSeconds || 10);
    this.wait_s = Number(element.dataset.pollFirst || this.every_s);
    this.etag = '';
    this.fresh = new Date(element.dataset.pollFrom || Date.now());
    this.timer = 0;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.rest() : this.ask()));
    this.next();
  }

  rest() {
    clearTimeout(this.timer);
  }

  next() {
    this.rest();
    if (!document.hidden && this.element.isConnected) this.timer = setTimeout(() => this.ask(), this.wait_s * 1000);
  }

  async ask() {
    this.rest();
    try {
      const headers = { Accept: 'text/html', 'X-Fragment': 'yes', ...(this.etag && { 'If-None-Match': this.etag }) };
      // `no-store` leaves 304 to us: the browser's own cache would turn it into a 200 with the old words
      const answer = await fetch(this.element.dataset.pollUrl, { headers, cache: 'no-store' });
      if (answer.redirected || (!answer.ok && answer.status !== 304)) throw new Error(String(answer.status));
      if (answer.status !== 304) {
        this.etag = answer.headers.get('ETag') ?? '';
        this.replace(await answer.text());
      }
      this.fresh = new Date();
      this.wait_s = this.every_s;
      this.sayStale('');
    } catch {
      this.wait_s = Math.min(this.wait_s * 2, SLOWEST_S);
      this.sayStale(text('poll_stale', { time: this.fresh.toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit' }) }));
    }
    this.next();
  }

  replace(html) {
    if (html === this.last) return;
    this.last = html;
    const focused = this.element.contains(document.activeElement) ? document.activeElement.id : '';
    const open = [...this.element.querySelectorAll('details[open][id]')].map((details) => details.id);
    const scrolled = [...this.element.querySelectorAll('[id]')].filter((one) => one.scrollLeft).map((one) => [one.id, one.scrollLeft]);
    this.element.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    for (const [id, left] of scrolled) { const box = document.getElementById(id); if (box) box.scrollLeft = left; }
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.element.dispatchEvent(new CustomEvent('poll:updated', { bubbles: true }));
  }

  sayStale(words) {
    this.note ??= this.makeNote();
    if (this.note.textContent !== words) this.note.textContent = words;
    this.note.hidden = !words;
  }

  makeNote() {
    const note = document.createElement('p');
    note.className = 'notice notice--warn';
    note.setAttribute('role', 'status');
    this.element.before(note);
    return note;
  }
}
