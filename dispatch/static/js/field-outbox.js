// What was tapped stays on the phone until the server has answered for it. Saved first, sent then, sent again until
// there is an answer; the server knows each tap by its key, so sending twice is harmless.

import { allFiles, allTaps, changeTap, dropFile, saveTap } from './field-store.js';

const AT_ONCE = 100;
const OUTLIVES_PAGE = 50_000; // what a browser goes on sending after its page has gone is at most 64 KiB
const FIRST_PAUSE_MS = 4000;
const LONGEST_PAUSE_MS = 60_000;
const NEVER_TAKEN = [400, 410, 413, 415, 422]; // files: sending them again changes nothing

export class Outbox {
  /** `heard({sending, noKey, answered})` is called whenever something changes; `answered` when all that waited is in. */
  constructor({ url, filesUrl, heard }) {
    Object.assign(this, { url, filesUrl, heard, pause_ms: FIRST_PAUSE_MS, timer: 0, wanted: false });
    Object.assign(this, { underway: null, filing: null });
    window.addEventListener('online', () => this.send());
    document.addEventListener('visibilitychange', () => !document.hidden && this.send());
  }

  /** Save one tap with its place in the order. Rejects where the phone lets nothing be saved. */
  async add(tap, files = []) {
    return { ...tap, seq: await saveTap(tap, files) };
  }

  /** Send what waits, now and again until it is answered. */
  send() {
    this.wanted = true;
    this.underway ??= this.#sendAll().finally(() => { this.underway = null; });
    return this.underway;
  }

  // What was tapped while the last answer was on its way goes at once, not when something else happens.
  async #sendAll() {
    while (this.wanted) {
      this.wanted = false;
      await this.#send();
    }
  }

  async #send() {
    clearTimeout(this.timer);
    let waiting = await this.#waiting();
    const some = waiting.length > 0;
    try {
      while (waiting.length > 0) {
        this.heard({ sending: true });
        await this.#sendSome(waiting.slice(0, AT_ONCE));
        waiting = await this.#waiting();
      }
      this.pause_ms = FIRST_PAUSE_MS;
      this.heard({ answered: some });
    } catch (error) {
      this.heard({ noKey: error.status === 401 });
      this.#again();
      return;
    }
    this.filing ??= this.#sendFiles().catch(() => this.#again()).finally(() => { this.filing = null; });
  }

  #again() {
    this.timer = setTimeout(() => this.send(), this.pause_ms);
    this.pause_ms = Math.min(this.pause_ms * 2, LONGEST_PAUSE_MS);
  }

  async #waiting() {
    return (await allTaps()).filter((tap) => !tap.state);
  }

  // A server that cannot read one of many must not keep the others waiting: then each goes by itself.
  async #sendSome(taps) {
    try {
      await this.#post(taps);
    } catch (error) {
      if (taps.length === 1 || !(error.status >= 400) || [401, 429, 502, 503, 504].includes(error.status)) throw error;
      const failed = [];
      for (const tap of taps) await this.#post([tap]).catch((one) => failed.push(one));
      if (failed.length > 0) throw failed[0];
    }
  }

  async #post(taps) {
    // `now` lets the server measure how wrong this phone's clock is
    const body = JSON.stringify({ now: new Date().toISOString(), events: taps.map(({ label, ...tap }) => tap) });
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body,
      keepalive: body.length < OUTLIVES_PAGE,
    });
    if (!answer.ok) throw Object.assign(new Error('not taken'), { status: answer.status });
    const { now, answers } = await answer.json();
    localStorage.setItem('field-ahead', String(Date.parse(now) - Date.now())); // the ward's clock before this phone's
    const by_key = new Map(answers.map((one) => [one.key, one]));
    const known = taps.filter((tap) => by_key.has(tap.key));
    if (known.length === 0) throw new Error('no answer');
    for (const tap of known) {
      const { state, sentence } = by_key.get(tap.key);
      await changeTap({ ...tap, state, sentence, answered_at: now });
    }
  }

  // Photos and signatures come after all taps, one by one; no tap waits for them.
  async #sendFiles() {
    for (const { id, key, kind, device, blob } of await allFiles()) {
      const body = new FormData();
      for (const [name, value] of Object.entries({ key, kind, device })) body.append(name, value);
      body.append('file', blob, blob.name ?? kind);
      const answer = await fetch(this.filesUrl, { method: 'POST', headers: { Accept: 'application/json' }, body });
      if (!answer.ok && !NEVER_TAKEN.includes(answer.status)) throw new Error(String(answer.status));
      await dropFile(id);
    }
  }
}
