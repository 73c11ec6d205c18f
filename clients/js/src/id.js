// SPDX-License-Identifier: Apache-2.0
// Makes and recognises ids: a prefix and a ULID. Because the client makes them, repeating a write is harmless.

// Node 18 has no global one. The name is no literal, so that bundlers for browsers do not look for the module.
const nodeCrypto = 'node:crypto';
const crypto = globalThis.crypto ?? (await import(nodeCrypto)).webcrypto;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

// A new id such as `stp_01J…`: 48 bits of time in milliseconds, then 80 random bits.
export function newId(prefix) {
  let time = Date.now();
  let text = '';
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    text = ALPHABET[time % 32] + text;
    time = Math.floor(time / 32);
  }
  // 32 divides 256, so that each character is as likely as any other.
  for (const byte of crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS))) text += ALPHABET[byte % 32];
  return prefix + text;
}

// Whether the value is an id with that prefix.
export function isId(value, prefix) {
  return (
    typeof value === 'string' &&
    value.startsWith(prefix) &&
    /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(value.slice(prefix.length))
  );
}
