// SPDX-License-Identifier: Apache-2.0
// The server's clock as this page knows it, one ticker for everything that counts, and the formats of times.
import { signal } from './vendor/signals.js';

const skew = { value: 0, weight: 0 };

// Takes one sample: the server said `serverMs` somewhere between two readings of the local clock. Short round trips
// count more.
/** @param {number} serverMs @param {number} sentAt @param {number} receivedAt */
export function clockSample(serverMs, sentAt, receivedAt) {
  if (!Number.isFinite(serverMs) || serverMs <= 0) return;
  // The local clock was set back meanwhile: nothing is known of the time between.
  const tookMs = receivedAt - sentAt;
  if (tookMs < 0) return;
  const offset = serverMs - (sentAt + receivedAt) / 2;
  const trust = 1 / (1 + tookMs / 50);
  // A sample is wrong by up to half of what it took, as after a sleep in its midst.
  const jumped = skew.weight > 0 && Math.abs(offset - skew.value) > 5000 + tookMs / 2;
  if (skew.weight === 0 || jumped) skew.value = offset;
  else skew.value += (offset - skew.value) * 0.2 * trust;
  skew.weight = 1;
}

export function serverNow() {
  return Date.now() + skew.value;
}

// Two speeds from one timer: tenths of a second while something is younger than a minute, then seconds. There is no
// timer while the page is hidden.
const speeds = { fast: { every: 100, users: 0, now: signal(0) }, slow: { every: 1000, users: 0, now: signal(0) } };
/** @type {Timer} */
let timer;
let period = 0;

function tick() {
  const now = serverNow();
  if (speeds.fast.users > 0) speeds.fast.now.value = now;
  if (speeds.slow.users > 0 && now - speeds.slow.now.peek() >= 950) speeds.slow.now.value = now;
}

// A timer that runs at the right speed is left alone, and one that changes its speed ticks: started anew for each row that
// comes, it might never do so.
function tickerAdjust() {
  const used = [speeds.fast, speeds.slow].find(({ users }) => users > 0);
  const wanted = used && !document.hidden ? used.every : 0;
  if (wanted === period) return;
  clearInterval(timer);
  period = wanted;
  if (wanted === 0) return;
  tick();
  timer = setInterval(tick, wanted);
}

/** @param {'fast' | 'slow'} speed */
export function tickerUse(speed) {
  const entry = speeds[speed];
  entry.users += 1;
  entry.now.value = serverNow();
  tickerAdjust();
  return () => {
    entry.users -= 1;
    tickerAdjust();
  };
}

/** @param {'fast' | 'slow'} speed */
export function tickerNow(speed) {
  return speeds[speed].now.value;
}

export function tickerStart() {
  document.addEventListener('visibilitychange', () => {
    tickerAdjust();
    if (!document.hidden) tick();
  });
}

/** @param {number} ms */
export function formatDuration(ms) {
  if (!Number.isFinite(ms)) return '';
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 59950) return `${(whole / 1000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}

// A ticking value drops its last digits on purpose, so that nothing flickers.
/** @param {number} ms */
export function formatElapsed(ms) {
  const whole = Math.max(0, ms);
  if (whole < 59950) return `${(Math.floor(whole / 100) / 10).toFixed(1)} s`;
  return formatDuration(Math.floor(whole / 1000) * 1000);
}

/** @param {number} number */
const two = (number) => String(number).padStart(2, '0');

/** @param {string | number} iso @param {{ seconds?: boolean, millis?: boolean }} [options] */
export function formatClock(iso, { seconds = false, millis = false } = {}) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (!seconds && !millis) return minutes;
  const whole = `${minutes}:${two(date.getSeconds())}`;
  return millis ? `${whole}.${String(date.getMilliseconds()).padStart(3, '0')}` : whole;
}

/** @param {string | number} iso */
export function dayKey(iso) {
  const date = new Date(iso);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** @param {string | number} iso @param {number} [now] */
export function formatDay(iso, now = serverNow()) {
  const key = dayKey(iso);
  if (key === dayKey(now)) return 'Today';
  const today = new Date(now);
  // A day has 23 hours or 25 now and then.
  if (key === dayKey(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1).getTime()))
    return 'Yesterday';
  const date = new Date(iso);
  const sameYear = date.getFullYear() === today.getFullYear();
  return date.toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: sameYear ? undefined : 'numeric',
  });
}

// toLocaleString() is avoided: its first call on a page loads the browser's tables for a fifth of a second.
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// 10000 becomes 10,000.
/** @param {number} count */
export const formatCount = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

// The day of a moment, with its year unless that is this one.
/** @param {Date} date @param {number} now */
function dayOf(date, now) {
  const day = `${date.getDate()} ${months[date.getMonth()]}`;
  return date.getFullYear() === new Date(now).getFullYear() ? day : `${day} ${date.getFullYear()}`;
}

// Today's times show the clock, others the day with it.
/** @param {string | number} iso @param {number} [now] */
export function formatWhen(iso, now = serverNow()) {
  if (dayKey(iso) === dayKey(now)) return formatClock(iso);
  return `${dayOf(new Date(iso), now)}, ${formatClock(iso)}`;
}

// A moment to the millisecond, in the reader's time zone.
/** @param {string | number} iso @param {number} [now] */
export function formatMoment(iso, now = serverNow()) {
  const clock = formatClock(iso, { millis: true });
  return dayKey(iso) === dayKey(now) ? clock : `${dayOf(new Date(iso), now)}, ${clock}`;
}
