// What was tapped stays on the phone until the server has answered for it. Saved first, sent then, sent again until
// there is an answer; the server knows each tap by its key, so sending twice is harmless.

const STORE = 'field-outbox';
const COUNTER = 'field-sequence';
const AT_ONCE = 100;
const FIRST_PAUSE_MS = 4000;
const LONGEST_PAUSE_MS = 60_000;

export class Outbox {
  /** `heard({waiting, sending, noKey, answers})` is called whenever something changes. */
  constructor(url, heard) {
    this.url = url;
    this.heard = heard;
    this.pause_ms = FIRST_PAUSE_MS;
    this.timer = 0;
    this.underway = null;
    window.addEventListener('online', () => this.send());
    document.addEventListener('visibilitychange', () => !document.hidden && this.send());
  }

  get waiting() {
    return JSON.parse(localStorage.getItem(STORE) ?? '[]');
  }

  /** Save one tap with its own time, key and place in the order. Throws where the phone lets nothing be saved. */
  add(tap) {
    const seq = Number(localStorage.getItem(COUNTER) ?? 0) + 1;
    const saved = { ...tap, seq, occurred_at: new Date().toISOString() };
    localStorage.setItem(STORE, JSON.stringify([...this.waiting, saved]));
    localStorage.setItem(COUNTER, String(seq));
    return saved;
  }

  /** Send what waits, now and again until it is answered. */
  send() {
    this.underway ??= this.#send().finally(() => { this.underway = null; });
    return this.underway;
  }

  async #send() {
    clearTimeout(this.timer);
    const taps = this.waiting.slice(0, AT_ONCE);
    if (taps.length === 0) return;
    this.heard({ waiting: taps.length, sending: true });
    try {
      const answers = await this.#post(taps);
      const answered = new Set(answers.map((answer) => answer.key));
      localStorage.setItem(STORE, JSON.stringify(this.waiting.filter((tap) => !answered.has(tap.key))));
      this.pause_ms = FIRST_PAUSE_MS;
      this.heard({ waiting: this.waiting.length, answers });
      if (answers.length > 0 && this.waiting.length > 0) this.#again(0);
    } catch (error) {
      this.heard({ waiting: this.waiting.length, noKey: error.status === 401 });
      this.#again(this.pause_ms);
      this.pause_ms = Math.min(this.pause_ms * 2, LONGEST_PAUSE_MS);
    }
  }

  async #post(taps) {
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      // `now` lets the server measure how wrong this phone's clock is
      body: JSON.stringify({ now: new Date().toISOString(), events: taps }),
    });
    if (!answer.ok) throw Object.assign(new Error('not taken'), { status: answer.status });
    return (await answer.json()).answers;
  }

  #again(after_ms) {
    this.timer = setTimeout(() => this.send(), after_ms);
  }
}

/** A key for a tap; phones reached without https have no `randomUUID`. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
