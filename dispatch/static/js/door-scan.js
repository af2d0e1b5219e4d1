// Reading an envelope's label with the camera, on phones whose browser can (BarcodeDetector). Nothing is recorded.

const LOOK_EVERY_MS = 250;
const GIVE_UP_MS = 30_000;

/** Show the button where this phone can scan. */
export async function offerScan(button) {
  if (!('BarcodeDetector' in window) || !navigator.mediaDevices) return;
  const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!formats.includes('qr_code')) return;
  button.hidden = false;
  button.addEventListener('click', () => scan(document.getElementById(button.dataset.scan), button));
}

async function scan(field, button) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch(() => null);
  if (!stream) return;
  const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true, playsInline: true });
  video.className = 'door-camera';
  button.closest('.field').append(video);
  await video.play();
  const detector = new window.BarcodeDetector({ formats: ['qr_code'] });
  const end = Date.now() + GIVE_UP_MS;
  let found = [];
  while (found.length === 0 && Date.now() < end) {
    found = await detector.detect(video).catch(() => []);
    await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS); });
  }
  stream.getTracks().forEach((track) => track.stop());
  video.remove();
  if (found.length === 0) return;
  field.value = found[0].rawValue.slice(0, field.maxLength);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
