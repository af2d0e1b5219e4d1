// What was recorded on this phone today, each line saved here or sent.

const SHOWN = 30;

export function showLog(taps, zone) {
  const log = document.getElementById('log');
  if (!log) return;
  const lines = taps.filter((tap) => tap.label).slice(-SHOWN).reverse().map((tap) => line(tap, log.dataset, zone));
  log.hidden = lines.length === 0;
  log.querySelector('ul').replaceChildren(...lines);
  const waiting = taps.filter((tap) => !tap.state).length;
  log.querySelector('summary span').textContent = waiting > 0 ? `${log.dataset.saved}: ${waiting}` : log.dataset.sent;
}

function line(tap, words, zone) {
  const item = document.createElement('li');
  const ahead_ms = Number(localStorage.getItem('field-ahead') ?? 0);
  const time = new Date(Date.parse(tap.occurred_at) + ahead_ms).toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit', timeZone: zone });
  const state = !tap.state ? words.saved : tap.state === 'refused' ? tap.sentence : words.sent;
  item.textContent = `${time} ${tap.label} · ${state}`;
  return item;
}
