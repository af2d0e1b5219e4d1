// A signature drawn with the finger. It goes along with the tap as a picture, when there is a network.

import { signatureDraft } from './field-draft.js';

const INK = '#10222b';
const LINE = 4;

/** Show the field and let somebody sign in it. */
export function offerSignature(field) {
  const canvas = field.querySelector('canvas');
  const pen = canvas.getContext('2d');
  const signed = field.querySelector('input[name="signed"]');
  const form = field.closest('form');
  Object.assign(pen, { lineWidth: LINE, lineCap: 'round', lineJoin: 'round', strokeStyle: INK });
  const draft = signatureDraft(canvas.getAttribute('aria-labelledby'));
  let drawing = false;
  drawAgain(draft.read());

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  };
  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!drawing) return;
    pen.lineTo(...at(event));
    pen.stroke();
    signed.value = '1';
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
      drawing = false;
      if (signed.value) draft.keep(canvas);
    });
  }
  field.querySelector('[data-sign-again]').addEventListener('click', () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    signed.value = '';
    draft.forget();
  });
  form.addEventListener('tap:collect', ({ detail }) => {
    if (signed.value) detail.files.push(picture(canvas));
  });
  form.addEventListener('tap:saved', draft.forget);
  field.hidden = false;

  function drawAgain(picture) {
    if (!picture) return;
    const image = new Image();
    image.addEventListener('load', () => {
      pen.drawImage(image, 0, 0);
      signed.value = '1';
    });
    image.src = picture;
  }
}

async function picture(canvas) {
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  return { kind: 'signature', blob };
}
