// Reading labels with the camera: by the browser's own detector where it has one, else by a library. Nothing is recorded.

const LOOK_EVERY_MS = 250;
const GIVE_UP_MS = 60_000;

/** Show the button where there may be a camera; elsewhere say that the number is to be typed. */
export function offerScan(button) {
  if (!navigator.mediaDevices?.getUserMedia) {
    typeInstead(button);
    return;
  }
  button.hidden = false;
  button.addEventListener('click', () => (button.scanning ? button.scanning() : scan(button)));
}

/** Whether this browser reads QR codes by itself. */
export async function readsByItself() {
  const formats = (await window.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  return formats.includes('qr_code');
}

// Into a line, one label; into a text of many lines, label after label until the button is pressed again.
async function scan(button) {
  const field = document.getElementById(button.dataset.scan);
  const words = button.textContent;
  let wanted = true;
  button.scanning = () => { wanted = false; };
  button.textContent = button.dataset.stop;
  field.dispatchEvent(new Event('input', { bubbles: true })); // as typing: the page is not read again meanwhile
  let stream = null;
  try {
    const Detector = (await readsByItself()) ? window.BarcodeDetector : (await import('../vendor/qr/decode.js')).BarcodeDetector;
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    const video = await show(stream, button);
    let end = Date.now() + GIVE_UP_MS;
    for await (const code of codes(new Detector({ formats: ['qr_code'] }), video, () => wanted && Date.now() < end)) {
      if (take(field, code)) end = Date.now() + GIVE_UP_MS;
      if (field.tagName !== 'TEXTAREA') break;
    }
    video.remove();
  } catch {
    typeInstead(button); // no camera, not allowed, or nothing here that reads
  }
  stream?.getTracks().forEach((track) => track.stop());
  button.textContent = words;
  button.scanning = null;
}

async function show(stream, button) {
  const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true, playsInline: true });
  video.className = 'door-camera';
  button.closest('.field').append(video);
  await video.play();
  return video;
}

async function* codes(detector, video, wanted) {
  while (wanted()) {
    for (const { rawValue } of await detector.detect(video).catch(() => [])) yield rawValue;
    await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS); });
  }
}

function take(field, code) {
  if (field.tagName === 'TEXTAREA') {
    const lines = field.value.split('\n').map((line) => line.trim()).filter(Boolean);
    if (lines.includes(code)) return false;
    field.value = [...lines, code, ''].join('\n');
  } else {
    field.value = code.slice(0, field.maxLength);
  }
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

function typeInstead(button) {
  button.hidden = true;
  const told = button.closest('.field').querySelector('[data-type-instead]');
  if (told) told.hidden = false;
}
