// The server's clock as this page knows it, one ticker for everything that counts, and the ways times are written.
import { signal } from './vendor/signals.js';

const skew = { value: 0, weight: 0 };

// One sample: the server said `serverMs` somewhere between our two readings. Short round trips count more.
export function clockSample(serverMs, sentAt, receivedAt) {
  if (!Number.isFinite(serverMs) || serverMs <= 0) return;
  const offset = serverMs - (sentAt + receivedAt) / 2;
  const trust = 1 / (1 + (receivedAt - sentAt) / 50);
  const jumped = skew.weight > 0 && Math.abs(offset - skew.value) > 5000;
  if (skew.weight === 0 || jumped) skew.value = offset;
  else skew.value += (offset - skew.value) * 0.2 * trust;
  skew.weight = 1;
}

export function serverNow() {
  return Date.now() + skew.value;
}

// Two speeds from one timer: tenths of a second while something is younger than a minute, else seconds. Nobody looks:
// no timer.
const speeds = { fast: { every: 100, users: 0, now: signal(0) }, slow: { every: 1000, users: 0, now: signal(0) } };
let timer = null;

function tick() {
  const now = serverNow();
  if (speeds.fast.users > 0) speeds.fast.now.value = now;
  if (speeds.slow.users > 0 && now - speeds.slow.now.peek() >= 950) speeds.slow.now.value = now;
}

function tickerAdjust() {
  clearInterval(timer);
  timer = null;
  if (document.hidden) return;
  if (speeds.fast.users > 0) timer = setInterval(tick, speeds.fast.every);
  else if (speeds.slow.users > 0) timer = setInterval(tick, speeds.slow.every);
}

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

export function tickerNow(speed) {
  return speeds[speed].now.value;
}

export function tickerStart() {
  document.addEventListener('visibilitychange', () => {
    tickerAdjust();
    if (!document.hidden) tick();
  });
}

export function formatDuration(ms) {
  if (!Number.isFinite(ms)) return '';
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 59950) return `${(whole / 1000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}

// A ticking value loses its last digits on purpose: tenths under a minute, so that nothing flickers.
export function formatElapsed(ms) {
  const whole = Math.max(0, ms);
  if (whole < 59950) return `${(Math.floor(whole / 100) / 10).toFixed(1)} s`;
  return formatDuration(Math.floor(whole / 1000) * 1000);
}

const two = (number) => String(number).padStart(2, '0');

export function formatClock(iso, { seconds = false } = {}) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ''}`;
}

export function dayKey(iso) {
  const date = new Date(iso);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function formatDay(iso, now = serverNow()) {
  const key = dayKey(iso);
  if (key === dayKey(now)) return 'Today';
  if (key === dayKey(now - 86400000)) return 'Yesterday';
  const date = new Date(iso);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: sameYear ? undefined : 'numeric',
  });
}

// Not by toLocaleString(): its first call of a page loads the browser's tables for a fifth of a second.
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// 10,000
export const formatCount = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

// Clock of today, else the day with it.
export function formatWhen(iso, now = serverNow()) {
  if (dayKey(iso) === dayKey(now)) return formatClock(iso);
  const date = new Date(iso);
  return `${date.getDate()} ${months[date.getMonth()]}, ${formatClock(iso)}`;
}
