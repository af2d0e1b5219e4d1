// A form that asks the server while one types. Inside an element with data-live-url: a field with data-live="change"
// or "input" posts the form there; the answer {parts: {id: HTML}, values: {field: value}, pin: [lat, lon],
// around: [lat, lon, radius_m]} is put in; `around` says where the map should look while there is no pin.

const PAUSE_MS = 200;

class LiveForm {
  constructor(root) {
    this.root = root;
    this.form = root.closest('form');
    this.changed = new Set();
    this.timer = 0;
    this.asked = null;
    this.pin = this.pinNow();
    root.addEventListener('change', (event) => this.heard(event, 'change'));
    root.addEventListener('input', (event) => this.heard(event, 'input'));
    root.addEventListener('click', ({ target }) => this.fill(target.closest('[data-fill]')));
    root.addEventListener('keydown', (event) => this.enter(event));
  }

  // Enter would be pressed on the button and heard by the field that gets the focus, which sends the form.
  enter(event) {
    const button = event.target.closest('[data-fill]');
    if (event.key !== 'Enter' || !button) return;
    event.preventDefault();
    this.fill(button);
  }

  heard({ target }, kind) {
    const { live, liveAfter } = target.dataset;
    if (!live || (live === 'change' && kind !== 'change')) return;
    if (kind === 'input' && target.value.replace(/\D/g, '').length < Number(liveAfter ?? 0)) return;
    if (target.name === 'lat' && !this.pinMoved()) return;
    // Who confirmed a pin did so for the address that stood there.
    if (target.name === 'address' || target.name.startsWith('part_')) this.form.elements.pin_confirmed.checked = false;
    this.changed.add(target.name);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  // A pin that was moved on the map stands for the address as it is typed now.
  pinMoved() {
    const { address, pin_for: pinFor } = this.form.elements;
    if (this.pinNow() === this.pin) return false;
    this.pin = this.pinNow();
    pinFor.value = address.value;
    return true;
  }

  pinNow() {
    const { lat, lon } = this.form.elements;
    return lat ? `${lat.value},${lon.value}` : '';
  }

  async ask() {
    this.asked?.abort();
    this.asked = new AbortController();
    const asked = [...this.changed]; // what changes while the answer is on its way is asked about next time
    const body = new FormData(this.form);
    const before = Object.fromEntries(body); // what is typed while the answer is on its way stays
    body.set('changed', asked.join(','));
    try {
      const answer = await fetch(this.root.dataset.liveUrl, { method: 'POST', body, signal: this.asked.signal, headers: { Accept: 'application/json' } });
      if (!answer.ok) return;
      this.show(await answer.json(), asked, before);
      asked.forEach((name) => this.changed.delete(name));
    } catch (error) {
      if (error.name !== 'AbortError') console.warn('live form', error); // no connection: saving still checks everything
    }
  }

  show({ parts, values, pin, around }, asked, before) {
    for (const [id, html] of Object.entries(parts)) replace(document.getElementById(id), html);
    for (const [name, value] of Object.entries(values)) if (this.value(name) === (before[name] ?? '')) this.set(name, value);
    if (!asked.includes('address')) return;
    this.movePin(pin);
    if (!pin && around) this.form.dispatchEvent(new CustomEvent('pin:around', { detail: around }));
  }

  movePin(pin) {
    const { address, lat, lon, pin_for: pinFor } = this.form.elements;
    [lat.value, lon.value] = pin ? pin.map((degrees) => degrees.toFixed(6)) : ['', ''];
    pinFor.value = address.value;
    if (this.pinNow() === this.pin) return;
    this.pin = this.pinNow();
    if (pin) address.dispatchEvent(new CustomEvent('suggest:chosen', { bubbles: true, detail: { lat: pin[0], lon: pin[1] } }));
    else lat.dispatchEvent(new CustomEvent('pin:cleared'));
  }

  value(name) {
    return this.form.elements[name]?.value ?? '';
  }

  set(name, value) {
    const field = this.form.elements[name];
    if (!field || field.value === value) return;
    field.value = value;
    const element = field instanceof RadioNodeList ? [...field].find((radio) => radio.checked) : field;
    element?.dispatchEvent(new Event('change', { bubbles: true }));
  }

  fill(button) {
    if (!button) return;
    for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) if (value) this.set(name, value);
    this.form.elements[button.dataset.fillThen]?.focus();
  }
}

// The part stays as it is when nothing has changed; it keeps the focus and what is unfolded.
function replace(element, html) {
  if (!element || element.dataset.html === html) return;
  element.dataset.html = html;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : '';
  const unfolded = [...element.querySelectorAll('details[open][id]')].map((one) => one.id);
  element.innerHTML = html;
  for (const id of unfolded) document.getElementById(id)?.setAttribute('open', '');
  if (focused) document.getElementById(focused)?.focus();
}

for (const root of document.querySelectorAll('[data-live-url]')) new LiveForm(root);
for (const button of document.querySelectorAll('[data-forget]')) {
  button.addEventListener('click', () => {
    sessionStorage.removeItem(`typed:${button.dataset.forget}`);
    window.location.assign(window.location.href);
  });
}
