// SPDX-License-Identifier: Apache-2.0
// What the door does for a pusher (wire/pass.h), for tests that speak to the pusher themselves.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// The subscription with its seal. process.hrtime is CLOCK_MONOTONIC. `made`: another time, in nanoseconds.
export function seal(instance, subscription, made = process.hrtime.bigint()) {
  const key = readFileSync(join(instance.state, 'sock', 'door.key'));
  const text = `${subscription}&made=${made}`;
  return `${text}&mac=${createHmac('sha256', key).update(text).digest('hex')}`;
}
