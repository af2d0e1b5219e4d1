// A long task: waiting, running, ended. The bar moves, the words change, one button stops it.

import { text } from './texts.js';

const EVERY_MS = 700;
const AFTER_FAILURE_MS = 3000;
const ENDED = ['done', 'failed', 'stopped'];

export function wire(element) {
  const stop = element.querySelector('[data-progress-stop]');
  stop?.addEventListener('submit', async (event) => {
    event.preventDefault();
    stop.querySelector('button').setAttribute('aria-disabled', 'true');
    await fetch(stop.action, { method: 'POST', body: new FormData(stop), redirect: 'manual' });
  });
  follow(element);
}

async function follow(element) {
  let pause = EVERY_MS;
  try {
    const answer = await fetch(element.dataset.progressUrl, { headers: { Accept: 'application/json' }, cache: 'no-store' });
    if (!answer.ok) throw new Error(String(answer.status));
    const news = await answer.json();
    show(element, news);
    if (ENDED.includes(news.state)) return leave(element, news);
  } catch {
    say(element, '[data-progress-text]', text('progress_lost'));
    pause = AFTER_FAILURE_MS;
  }
  if (element.isConnected) setTimeout(() => follow(element), pause);
}

function show(element, news) {
  const bar = element.querySelector('[data-progress-bar]');
  element.dataset.state = news.state;
  if (news.fraction === null || news.fraction === undefined || news.state === 'queued') bar.removeAttribute('value');
  else bar.value = news.fraction;
  say(element, '[data-progress-text]', news.text ?? '');
  say(element, '[data-progress-detail]', news.detail ?? '');
}

function say(element, selector, words) {
  const target = element.querySelector(selector);
  if (words && target.textContent !== words) target.textContent = words;
}

function leave(element, news) {
  element.querySelector('[data-progress-stop]')?.remove();
  element.dispatchEvent(new CustomEvent('progress:ended', { bubbles: true, detail: news }));
  if (news.url) window.location.assign(news.url);
  else window.location.reload();
}
