// When this phone will be at each door: the same as dispatch/field/expected.py tells, each minute and without a network.
// All times are milliseconds by the ward's clock.

import { inForce, movedOn } from './field-shown.js';

const MINUTE_MS = 60_000;
const TIGHT_MS = 10 * MINUTE_MS;
const EARLY_MS = 5 * MINUTE_MS;
const BEFORE_THE_PLAN_MS = 60 * MINUTE_MS;
const FRESH_MS = 5 * MINUTE_MS;
const DETOUR = 1.35;
const RADIUS_M = 6_371_008.8;

const known = JSON.parse(document.getElementById('eta')?.textContent ?? 'null');
// made once, not for each door: making it is what takes time on a slow phone
const hands = new Intl.DateTimeFormat('vi-VN', { hour: '2-digit', minute: '2-digit', timeZone: known?.zone });
let taps = [];
let spot = null;

if (known) setInterval(tell, MINUTE_MS);

/** Tell the times again after these taps, which the page did not know of. */
export function tellAfter(unknown) {
  taps = inForce(unknown);
  tell();
}

/** This phone has moved: {at, lat, lon}. */
export function tellFrom(here) {
  spot = here;
  tell();
}

/** [{arrives, leaves, verdict, off_min}] of these doors in riding order. */
export function expectAll(doors, said, now) {
  let clock = now;
  return doors.map((door, n) => {
    const before = doors[n - 1];
    const arrives = n === 0 ? firstArrival(door, said, now) : laterArrival(door, clock, before);
    let ends = Math.max(arrives, door.from ?? arrives) + door.service_ms;
    if (n === 0 && door.state === 'at_door') ends += delay(said, arrives, now);
    clock = Math.max(ends, now);
    return { arrives, leaves: clock, ...verdict(door, arrives, now) };
  });
}

function firstArrival(door, said, now) {
  if (door.state === 'at_door' && door.arrived !== null) return door.arrived;
  if (door.set_out !== null) {
    const { due, since } = dueOf(door, said.spot, now);
    return Math.max(now, due + delay(said, since, now));
  }
  const arrives = laterArrival(door, now, undefined);
  if (door.planned === null) return arrives;
  return Math.max(arrives, door.planned + delay(said, door.planned - BEFORE_THE_PLAN_MS, now));
}

function dueOf(door, here, now) {
  const fresh = here && door.set_out < here.at && now - here.at <= FRESH_MS;
  if (!fresh || !door.distance_m || !door.place) return { due: door.set_out + door.travel_ms, since: door.set_out };
  const left_s = straight([here.lat, here.lon], door.place) * DETOUR * door.travel_ms / 1000 / door.distance_m;
  return { due: here.at + Math.round(left_s) * 1000, since: here.at };
}

function laterArrival(door, clock, before) {
  if (door.planned === null) return clock;
  const arrives = clock + door.travel_ms;
  return !before || before.trip !== door.trip ? Math.max(arrives, door.planned) : arrives;
}

function delay({ pauses, late_at, late_s }, since, now) {
  const stood = pauses.map(([start, end]) => Math.min(end ?? now, now) - Math.max(start, since));
  const late = late_at !== null && late_at >= since ? late_s * 1000 : 0;
  return Math.max(stood.filter((one) => one > 0).reduce((sum, one) => sum + one, 0), late);
}

function verdict({ start, end }, arrives, now) {
  const minutes = (ms) => Math.round(ms / MINUTE_MS);
  if (start !== null && now < start && arrives <= start - EARLY_MS) return { verdict: 'early', off_min: minutes(start - arrives) };
  if (end === null) return { verdict: '', off_min: 0 };
  if (arrives > end) return { verdict: 'late', off_min: minutes(arrives - end) || 1 };
  return { verdict: arrives > end - TIGHT_MS ? 'tight' : 'holds', off_min: 0 };
}

function straight(a, b) {
  const [lat_a, lon_a, lat_b, lon_b] = [...a, ...b].map((degrees) => degrees * Math.PI / 180);
  const h = Math.sin((lat_b - lat_a) / 2) ** 2 + Math.cos(lat_a) * Math.cos(lat_b) * Math.sin((lon_b - lon_a) / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

function tell() {
  if (!known) return;
  const doors = stillAhead();
  const said = saidWith();
  expectAll(doors, said, wardNow()).forEach((one, n) => show(doors[n], one));
}

function wardNow(moment = Date.now()) {
  return moment + Number(localStorage.getItem('field-ahead') ?? 0);
}

const timeOf = (tap) => wardNow(Date.parse(tap.occurred_at));

// The doors as these taps left them. The server sets out for the next door of a trip when one is finished; so do we.
function stillAhead() {
  const { left } = movedOn(known.doors.map(({ id, state }) => ({ id, state })), taps);
  const last = (kind, job) => taps.filter((tap) => tap.kind === kind && tap.job === job).map(timeOf).at(-1);
  const finished = taps.filter((tap) => ['done', 'not_done'].includes(tap.kind)).at(-1);
  return left.map(({ id, state }, n) => {
    const door = known.doors.find((one) => one.id === id);
    const rides = n === 0 && finished && door.trip === known.doors.find((one) => one.id === finished.job)?.trip;
    return { ...door, state, arrived: last('arrived', id) ?? door.arrived, set_out: last('set_out', id) ?? door.set_out ?? (rides ? timeOf(finished) : null) };
  });
}

function saidWith() {
  const said = { ...known.said, pauses: known.said.pauses.map((pause) => [...pause]), spot: spot ?? known.said.spot };
  for (const tap of taps.filter((one) => !one.job)) {
    const open = said.pauses.find((pause) => pause[1] === null);
    if (tap.kind === 'break_started' && !open) said.pauses.push([timeOf(tap), null]);
    if (['break_ended', 'shift_ended'].includes(tap.kind) && open) open[1] = timeOf(tap);
    if (tap.kind === 'running_late') Object.assign(said, { late_at: timeOf(tap), late_s: 60 * Number(tap.minutes) });
  }
  return said;
}

function show(door, { arrives, verdict: name, off_min }) {
  for (const place of document.querySelectorAll(`[data-eta="${CSS.escape(door.id)}"]`)) write(place, hands.format(arrives));
  for (const place of document.querySelectorAll(`[data-verdict-of="${CSS.escape(door.id)}"]`)) {
    const words = document.getElementById('verdicts').content.querySelector(`[data-verdict="${name}"]`)?.innerHTML.trim() ?? '';
    const html = words.replace('{time}', duration(off_min, known.words)).replace('{start}', door.start === null ? '' : hands.format(door.start));
    if (place.innerHTML.trim() !== html) place.innerHTML = html;
  }
}

/** `42 phút`, `2 giờ`, `1 giờ 42 phút`, by the server's patterns. */
export function duration(all, { minutes, hours, both }) {
  const [whole, rest] = [Math.floor(all / 60), all % 60];
  const pattern = whole === 0 ? minutes : rest === 0 ? hours : both;
  return pattern.replace('{hours}', whole).replace('{minutes}', rest);
}

function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
