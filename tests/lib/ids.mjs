// SPDX-License-Identifier: Apache-2.0
// Ids as clients make them: a prefix and a ULID.
import { randomBytes } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function newId(prefix, time = Date.now()) {
  let head = '';
  for (let i = 0; i < 10; i++, time = Math.floor(time / 32)) head = DIGITS[time % 32] + head;
  const tail = [...randomBytes(16)].map((byte) => DIGITS[byte & 31]).join('');
  return `${prefix}_${head}${tail}`;
}
