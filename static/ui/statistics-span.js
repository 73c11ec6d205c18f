// SPDX-License-Identifier: Apache-2.0
// Which time the statistics are of, and the marks on its axis. Pure. Days are those of the reader's time zone; of a time
// that is longer than the server sums by those, of UTC.

/**
 * @typedef {{ id: string, label: string, days: number, by: 'hour' | 'day', hasHours: boolean, hasDays: boolean, isUtc?: boolean }} SpanChoice
 * @typedef {SpanChoice & { from: number, to: number }} Span
 * @typedef {{ from: number, to: number, row: Counts | undefined }} Point
 */
const hour = 3600e3;

/** @type {SpanChoice[]} */
export const spans = [
  { id: '24h', label: '24 hours', days: 1, by: 'hour', hasHours: true, hasDays: false },
  { id: '7d', label: '7 days', days: 7, by: 'day', hasHours: true, hasDays: true },
  { id: '30d', label: '30 days', days: 30, by: 'day', hasHours: true, hasDays: true },
  { id: '90d', label: '90 days', days: 90, by: 'day', hasHours: false, hasDays: true, isUtc: true },
];

/** @param {Record<string, string>} query @returns {SpanChoice} */
export function spanOf(query) {
  const chosen = spans.find(({ id }) => id === query.span) ?? spans[1];
  const by = query.by === 'hour' && chosen.hasHours ? 'hour' : query.by === 'day' && chosen.hasDays ? 'day' : chosen.by;
  return { ...chosen, by };
}

// The beginning of the day `by` days after that of `time`: some days have 23 hours, and some 25.
/** @param {number} time @param {boolean | undefined} isUtc @param {number} [by] */
function dayFrom(time, isUtc, by = 0) {
  const date = new Date(time);
  if (isUtc) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + by);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + by).getTime();
}

// Ends with the hour or day that is not over yet.
/** @param {SpanChoice} choice @param {number} now @returns {Span} */
export function spanTimes(choice, now) {
  const to = choice.by === 'hour' ? Math.floor(now / hour) * hour + hour : dayFrom(now, choice.isUtc, 1);
  const from = choice.id === '24h' ? to - 24 * hour : dayFrom(now, choice.isUtc, 1 - choice.days);
  return { ...choice, from, to };
}

/** @param {number} number */
const two = (number) => String(number).padStart(2, '0');

// What the server calls the hour or day that begins then.
/** @param {number} time @param {'hour' | 'day'} by @param {boolean | undefined} isUtc */
function keyOf(time, by, isUtc) {
  const date = new Date(time);
  if (by === 'day' && isUtc) return date.toISOString().slice(0, 10);
  if (by === 'hour') return date.toISOString().replace('.000Z', 'Z');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

// A point for each hour or day, also for those in which nothing began.
/** @param {Span} span @param {Counts[]} rows @returns {Point[]} */
export function spanPoints({ from, to, by, isUtc }, rows) {
  const known = new Map(rows.map((row) => [row.key, row]));
  /** @type {Point[]} */
  const points = [];
  for (let at = from; at < to; ) {
    const next = by === 'hour' ? at + hour : dayFrom(at, isUtc, 1);
    points.push({ from: at, to: next, row: known.get(keyOf(at, by, isUtc)) });
    at = next;
  }
  return points;
}
