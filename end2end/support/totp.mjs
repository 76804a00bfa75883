import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(text) {
  const letters = text.toUpperCase().replace(/[^A-Z2-7]/g, '');
  const bits = [...letters].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/**
 * A code of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds), as a phone shows it whose clock is so
 * many steps fast. Each code works once; the one of the next step lets a test go on without waiting for it.
 */
export function totp(secret, steps = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const at = mac[mac.length - 1] & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/**
 * The code of the step before, which is taken only until this one ends: near its end it waits for the next to begin.
 * A test that has used it can still use the code of this step.
 */
export async function totpBefore(secret) {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 8_000) await new Promise((done) => setTimeout(done, left));
  return totp(secret, -1);
}
