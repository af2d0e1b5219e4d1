// The six digits of a hand-over, checked on the phone: the page holds a slow salted hash, never the digits.

/** Say under the field whether its six digits are the right ones. The server judges again, and a wrong code is told
 * to the desk, never refused. */
export async function checkCode(field) {
  const said = field.closest('.field').querySelector('[role="status"]');
  const code = field.value.replace(/\D/g, '');
  said.hidden = true;
  // Only a page reached by https can compute it; elsewhere the server alone judges.
  if (code.length !== 6 || !crypto.subtle) return;
  const digest = await slowHash(code, field.dataset.salt, Number(field.dataset.rounds));
  if (field.value.replace(/\D/g, '') !== code) return;
  const right = digest === field.dataset.digest;
  said.textContent = right ? said.dataset.right : said.dataset.wrong;
  said.className = right ? 'door-right' : 'field__error';
  said.hidden = false;
}

async function slowHash(code, salt, iterations) {
  const bytes = (text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey('raw', bytes(code), 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: bytes(salt), iterations }, key, 256);
  return [...new Uint8Array(bits)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
