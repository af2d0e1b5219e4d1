// Small things on a page that need no server: show a part of a form, count up, print, copy, open a dialog.

export function wire(element) {
  const { shows, step, print, copy, dialogOpen } = element.dataset;
  if (shows) showFor(element, shows);
  if (step) element.addEventListener('click', () => countBy(step));
  if (print !== undefined) element.addEventListener('click', () => window.print());
  if (copy) element.addEventListener('click', () => navigator.clipboard?.writeText(copy));
  if (dialogOpen) element.addEventListener('click', () => document.getElementById(dialogOpen)?.showModal());
}

// data-shows="field:one,two": shown while the field of that name has one of the values.
function showFor(element, rule) {
  const form = element.closest('form');
  const [name, values] = rule.split(':');
  const wanted = values.split(',');
  const update = () => {
    element.hidden = !new FormData(form).getAll(name).some((value) => wanted.includes(value));
  };
  form.addEventListener('change', update);
  update();
}

// data-step="input-id:+1"
function countBy(rule) {
  const [id, amount] = rule.split(':');
  const input = document.getElementById(id);
  const least = Number(input.min || 0);
  const most = Number(input.max || Infinity);
  input.value = Math.min(most, Math.max(least, Number(input.value || 0) + Number(amount)));
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
