// The bag desk: what a scanner types into the field is ticked in the list at once. The server compares again.

const field = document.querySelector('textarea[name="codes"]');
const rows = [...document.querySelectorAll('[data-bag-row]')];

field?.addEventListener('input', tick);

function tick() {
  const typed = new Set(field.value.toUpperCase().split('\n').map((line) => line.replace(/[^A-Z0-9]/g, '')).filter(Boolean));
  for (const row of rows) {
    const names = row.dataset.bagRow.split(' ').filter(Boolean);
    const mark = row.querySelector('[data-bag-mark]');
    const badge = mark.querySelector('.badge');
    if (!badge) continue;
    badge.dataset.before ??= badge.textContent;
    const here = names.some((name) => typed.has(name) || typed.has(name.replace(/^B/, '')));
    badge.textContent = here ? mark.dataset.bagMark : badge.dataset.before;
    badge.classList.toggle('badge--done', here);
  }
}
