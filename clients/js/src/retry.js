// SPDX-License-Identifier: Apache-2.0
// What an answer means for the request, and how long to wait before it is repeated.

const MOST_MS = 10_000;
const BELIEVED_MS = 30_000;
const AWAY = new Set([0, 408, 429, 502, 503, 504]);

// How often a request that breaks the server (5xx) is tried before it counts as refused.
export const BROKEN_ATTEMPTS = 5;

// `done`; `away`: repeat until it is delivered; `broken`: repeat a few times; `refused`: do not repeat. Status 0 stands
// for no answer.
export function judge(status) {
  if (AWAY.has(status)) return 'away';
  if (status >= 200 && status < 300) return 'done';
  return status >= 500 && status < 600 ? 'broken' : 'refused';
}

// Doubles from `firstMs` to ten seconds, with jitter. The jitter stays above what the server asked for, because that is
// a promise not to come earlier.
export function retryDelay(firstMs, attempt, retryAfterMs, random = Math.random()) {
  const whole = Math.min(firstMs * 2 ** Math.min(attempt - 1, 20), MOST_MS);
  const delay = whole / 2 + (random * whole) / 2;
  const asked = Math.min(retryAfterMs ?? 0, BELIEVED_MS);
  return asked > delay ? asked + delay / 4 : delay;
}

// Milliseconds of a Retry-After header in seconds or as a date, or undefined.
export function parseRetryAfter(value, now = Date.now()) {
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
