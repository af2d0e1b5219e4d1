// A text field with suggestions: the ARIA 1.2 combobox with a list box, answers fetched while one types.

import { text } from './texts.js';

const PAUSE_MS = 180;

/** Wire an input; each chosen item is told by the bubbling event `suggest:chosen` (detail: the item). */
export function wire(input) {
  new Suggestions(input);
}

class Suggestions {
  constructor(input) {
    this.input = input;
    this.items = [];
    this.active = -1;
    this.timer = 0;
    this.asked = null;
    this.list = document.createElement('ul');
    this.list.id = `${input.id}-suggestions`;
    this.list.className = 'suggestions';
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', input.labels[0]?.textContent.trim() ?? input.name);
    this.list.hidden = true;
    this.status = document.createElement('p');
    this.status.className = 'visually-hidden';
    this.status.setAttribute('role', 'status');
    input.after(this.list, this.status);
    for (const [name, value] of Object.entries({
      role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': this.list.id,
    })) input.setAttribute(name, value);
    input.addEventListener('input', () => this.later());
    input.addEventListener('keydown', (event) => this.key(event));
    input.addEventListener('blur', () => this.close());
    this.list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener('click', (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.choose([...this.list.children].indexOf(option));
    });
  }

  later() {
    clearTimeout(this.timer);
    this.asked?.abort();
    const words = this.input.value.trim();
    if (words.length < Number(this.input.dataset.suggestMin ?? 2)) this.close();
    else this.timer = setTimeout(() => this.ask(words), PAUSE_MS);
  }

  async ask(words) {
    this.asked = new AbortController();
    try {
      const answer = await fetch(...this.question(words));
      if (answer.ok) this.show(await answer.json());
    } catch (error) {
      if (error.name !== 'AbortError') this.close(); // no connection: the field stays a plain field
    }
  }

  // With data-suggest-post the words go in the body: a citizen's address belongs in no log.
  question(words) {
    const address = new URL(this.input.dataset.suggestUrl, document.baseURI);
    const options = { signal: this.asked.signal, headers: { Accept: 'application/json' } };
    if (this.input.dataset.suggestPost === undefined) {
      address.searchParams.set('q', words);
      return [address, options];
    }
    const token = this.input.form.elements.csrf_token.value;
    return [address, { ...options, method: 'POST', body: new URLSearchParams({ q: words, csrf_token: token }) }];
  }

  show(items) {
    this.items = items;
    this.list.replaceChildren(...items.map((item, index) => option(item, `${this.list.id}-${index}`)));
    this.list.hidden = items.length === 0 || document.activeElement !== this.input;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.mark(-1);
    this.status.textContent = items.length ? text('suggest_count', { n: items.length }) : text('suggest_none');
  }

  key(event) {
    if (this.list.hidden) {
      if (event.key === 'ArrowDown') { event.preventDefault(); this.later(); }
      return;
    }
    const last = this.items.length - 1;
    const moves = {
      ArrowDown: () => this.mark(this.active >= last ? 0 : this.active + 1),
      ArrowUp: () => this.mark(this.active <= 0 ? last : this.active - 1),
      Escape: () => this.close(),
      Enter: () => (this.active < 0 ? this.close() : this.choose(this.active)),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  }

  mark(index) {
    this.active = index;
    [...this.list.children].forEach((child, at) => child.setAttribute('aria-selected', String(at === index)));
    const child = this.list.children[index];
    if (child) this.input.setAttribute('aria-activedescendant', child.id);
    else this.input.removeAttribute('aria-activedescendant');
    child?.scrollIntoView({ block: 'nearest' });
  }

  choose(index) {
    const item = this.items[index];
    this.input.value = item.value ?? item.label;
    this.close();
    this.status.textContent = item.label;
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
    this.input.dispatchEvent(new CustomEvent('suggest:chosen', { bubbles: true, detail: item }));
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.mark(-1);
  }
}

function option(item, id) {
  const element = document.createElement('li');
  element.id = id;
  element.setAttribute('role', 'option');
  element.append(item.label);
  if (item.note) {
    const note = document.createElement('span');
    note.className = 'suggestions__note';
    note.textContent = item.note;
    element.append(note);
  }
  return element;
}
