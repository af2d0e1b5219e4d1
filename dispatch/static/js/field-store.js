// What this phone keeps: taps in the order in which they were made, and files (photos, signatures) that follow them.
// IndexedDB survives a reload, a killed browser and an empty battery.

const NAME = 'field';
const DAY_MS = 24 * 3600 * 1000;
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('taps', { keyPath: 'seq', autoIncrement: true });
      request.result.createObjectStore('files', { keyPath: 'id', autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('blocked'));
  });
  opened.catch(() => { opened = null; });
  return opened;
}

// Runs `work(stores)` in one transaction; resolves with what its request gave once everything is on the disk.
async function within(mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(['taps', 'files'], mode, { durability: 'strict' });
    const request = work({ taps: transaction.objectStore('taps'), files: transaction.objectStore('files') });
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** Save a tap and its files ([{kind, blob}]) together; gives the tap's place in the order. */
export function saveTap(tap, files = []) {
  return within('readwrite', (stores) => {
    for (const { kind, blob } of files) stores.files.add({ key: tap.key, device: tap.device, kind, blob });
    return stores.taps.add(tap);
  });
}

/** All taps in order, those that were sent among them (`state` is set). */
export const allTaps = () => within('readonly', ({ taps }) => taps.getAll());

export const changeTap = (tap) => within('readwrite', ({ taps }) => taps.put(tap));

export const allFiles = () => within('readonly', ({ files }) => files.getAll());

export const dropFile = (id) => within('readwrite', ({ files }) => files.delete(id));

/** Forget what was answered more than a day ago. */
export async function tidy() {
  const old = (await allTaps()).filter((tap) => tap.state && Date.now() - Date.parse(tap.occurred_at) > DAY_MS);
  if (old.length > 0) await within('readwrite', ({ taps }) => old.map((tap) => taps.delete(tap.seq)).at(-1));
}

/** A key for a tap; phones reached without https have no `randomUUID`. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
