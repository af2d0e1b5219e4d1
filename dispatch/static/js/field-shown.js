// What the page shows: the doors as the server drew them, moved on by the taps that it did not know of yet.

const FINISHED = ['done', 'not_done'];
const NEVER_TAKEN_BACK = ['set_out', 'seen'];
const UNDO_MS = 5 * 60 * 1000;
const BY_STATE = { at_door: 0, under_way: 1 };

/** Doors in order, the next one first: [{id, state}] after these taps; `finished` are those that the taps ended. */
export function movedOn(doors, taps) {
  const state = new Map(doors.map(({ id, state: before }) => [id, before]));
  const finished = [];
  for (const tap of inForce(taps)) {
    if (!state.has(tap.job)) continue;
    if (FINISHED.includes(tap.kind)) {
      state.delete(tap.job);
      finished.push(tap.job);
    }
    if (tap.kind === 'arrived') state.set(tap.job, 'at_door');
    if (tap.kind === 'set_out' && state.get(tap.job) === 'planned') state.set(tap.job, 'under_way');
  }
  const left = doors.filter(({ id }) => state.has(id)).map(({ id }) => ({ id, state: state.get(id) }));
  left.sort((a, b) => (BY_STATE[a.state] ?? 2) - (BY_STATE[b.state] ?? 2)); // stable: else the plan's order
  return { left, finished };
}

/** Taps that were not taken back, and no `undone` themselves. */
export function inForce(taps) {
  const takenBack = new Set(taps.filter((tap) => tap.kind === 'undone').map((tap) => tap.corrects));
  return taps.filter((tap) => tap.kind !== 'undone' && tap.state !== 'refused' && !takenBack.has(tap.key));
}

/** The last tap on this phone that can still be taken back, or undefined. */
export function undoable(taps) {
  const last = inForce(taps).filter((tap) => !NEVER_TAKEN_BACK.includes(tap.kind)).at(-1);
  return last && Date.now() - Date.parse(last.occurred_at) < UNDO_MS ? last : undefined;
}

/** Draw the doors of the page as these taps left them. */
export function draw(taps) {
  const articles = [...document.querySelectorAll('[data-door][data-position]')];
  if (articles.length === 0) return;
  const doors = articles.map(({ dataset }) => ({ id: dataset.door, state: dataset.state, position: Number(dataset.position) }));
  doors.sort((a, b) => a.position - b.position);
  const { left, finished } = movedOn(doors, taps);
  const states = new Map(left.map(({ id, state }) => [id, state]));
  const current = left[0]?.id;
  for (const article of articles) {
    const id = article.dataset.door;
    place(article, id, id === current);
    show(article, states.get(id), id, id === current);
  }
  headline(document.querySelector(`[data-door="${CSS.escape(current ?? '')}"]`), finished.length);
}

function place(article, id, isCurrent) {
  const row = document.getElementById(`row-${id}`);
  const home = isCurrent ? document.getElementById('next') : row?.querySelector('details');
  if (home && article.parentElement !== home) home.append(article);
}

function show(article, state, id, isCurrent) {
  const row = document.getElementById(`row-${id}`);
  article.hidden = !state;
  if (row) row.hidden = isCurrent || !state;
  for (const bar of document.querySelectorAll(`[data-bar="${CSS.escape(id)}"]`)) {
    bar.hidden = !isCurrent;
    steps(bar, state);
  }
  steps(article, state);
}

function steps(root, state) {
  for (const part of root.querySelectorAll('[data-when]')) {
    const wanted = { there: state === 'at_door', before: state !== 'at_door', planned: state === 'planned' };
    part.hidden = !wanted[part.dataset.when];
  }
}

function headline(article, finished) {
  const title = document.getElementById('headline');
  const words = article ? article.dataset.title : title?.dataset.finished;
  if (words && title.textContent !== words) title.textContent = words;
  const bar = document.querySelector('.thumb-bar');
  if (bar?.querySelector('[data-bar]')) bar.hidden = !bar.querySelector('[data-bar]:not([hidden])');
  const count = document.querySelector('[data-count]');
  if (count) count.textContent = count.dataset.count.replace('{n}', Number(count.dataset.over) + finished);
}
