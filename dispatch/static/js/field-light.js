// The brightness that this volunteer chose, kept on this phone.

const KEY = 'field-light';
const box = document.getElementById('light');
apply(localStorage.getItem(KEY) ?? '');

if (box) {
  box.hidden = false;
  box.addEventListener('change', ({ target }) => {
    localStorage.setItem(KEY, target.value);
    apply(target.value);
  });
}

function apply(light) {
  document.documentElement.classList.remove('sun', 'night');
  document.getElementById('night').media = light === 'night' ? 'screen' : 'not all';
  if (light) document.documentElement.classList.add(light);
  const chosen = box?.querySelector(`[value="${light}"]`);
  if (chosen) chosen.checked = true;
}
