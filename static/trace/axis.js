// SPDX-License-Identifier: Apache-2.0
// The time axis of a trace. Pure. Times are milliseconds since 1970; places are milliseconds on the axis, which are
// fewer where idle gaps are compressed. A view is the part of the axis that is on the screen.

const shortestGap = 2000;
const gapPlace = 0.03;
// Pixels: between two ticks at least, of a character of their texts at most, and around a text.
const tickWidth = 70;
const characterWidth = 7;
const tickPadding = 8;
const tickSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000];
const tickStepsLong = [600000, 900000, 1800000, 3600000, 7200000, 14400000, 28800000, 86400000];

/**
 * @typedef {{ start: number, end: number, at: number, length: number, isGap: boolean }} Piece
 * @typedef {{ pieces: Piece[], total: number, start: number, end: number, idle: number }} Axis
 * @typedef {{ from: number, to: number }} View
 */

/** @param {Meta} meta @param {number} now */
export const spanEnd = (meta, now) =>
  meta.durationMs !== undefined
    ? meta.startedAt + meta.durationMs
    : meta.status === 'running' || meta.status === 'interrupted'
      ? Math.max(meta.startedAt, now)
      : meta.startedAt;

// Busy stretches and the gaps between them. `metas` are in the order of their starts.
/** @param {Meta[]} metas @param {number} now @param {boolean} compress @returns {Axis} */
export function axisNew(metas, now, compress) {
  const start = metas[0]?.startedAt ?? now;
  /** @type {{ start: number, end: number, isGap: boolean }[]} */
  const parts = [];
  let reached = start;
  let busyFrom = start;
  for (const meta of metas) {
    if (meta.startedAt - reached > shortestGap) {
      parts.push({ start: busyFrom, end: reached, isGap: false }, { start: reached, end: meta.startedAt, isGap: true });
      busyFrom = meta.startedAt;
    }
    reached = Math.max(reached, spanEnd(meta, now));
  }
  parts.push({ start: busyFrom, end: reached, isGap: false });
  const idle = parts.reduce((sum, part) => sum + (part.isGap ? part.end - part.start : 0), 0);
  const busy = Math.max(1, reached - start - idle);
  const shown = Math.max(100, busy * gapPlace);
  let at = 0;
  const pieces = parts.map((part) => {
    const full = part.end - part.start;
    const piece = { ...part, at, length: part.isGap && compress ? Math.min(full, shown) : full };
    at += piece.length;
    return piece;
  });
  return { pieces, total: Math.max(1, at), start, end: reached, idle: idle / Math.max(1, reached - start) };
}

// Where a moment lies on the axis.
/** @param {Axis} axis @param {number} time */
export function axisPlace(axis, time) {
  let low = 0;
  let high = axis.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (axis.pieces[middle].start <= time) low = middle;
    else high = middle - 1;
  }
  const piece = axis.pieces[low];
  if (!piece) return 0;
  const full = piece.end - piece.start;
  return piece.at + (full > 0 ? ((time - piece.start) / full) * piece.length : time - piece.start);
}

// The moment at a place: the inverse.
/** @param {Axis} axis @param {number} place */
export function axisTime(axis, place) {
  const piece = axis.pieces.findLast((one) => one.at <= place) ?? axis.pieces[0];
  if (!piece) return axis.start;
  return piece.start + (piece.length > 0 ? ((place - piece.at) / piece.length) * (piece.end - piece.start) : 0);
}

// Round moments within a view, at most `most` of them: {place, after: milliseconds since the start, step}.
/** @param {Axis} axis @param {View} view @param {number} most */
export function axisTicks(axis, view, most) {
  const from = axisTime(axis, view.from) - axis.start;
  const to = axisTime(axis, view.to) - axis.start;
  const wanted = (view.to - view.from) / Math.max(1, most);
  const step = [...tickSteps, ...tickStepsLong].find((one) => one >= wanted) ?? 86400000;
  const ticks = [];
  let last = -Infinity;
  for (let after = Math.ceil(from / step) * step; after <= to && ticks.length < 500; after += step) {
    const place = axisPlace(axis, axis.start + after);
    // Inside a compressed gap round moments stand too close.
    if (place - last >= wanted * 0.7) {
      ticks.push({ place, after, step });
      last = place;
    }
  }
  return ticks;
}

// What stands at a tick: no unit that is nothing, and as many digits as tell it from its neighbours.
/** @param {number} after @param {number} step */
export function axisTickText(after, step) {
  if (after < 1000) return after === 0 ? '0' : `${after} ms`;
  const digits = step >= 1000 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
  const hours = Math.floor(after / 3600000);
  const minutes = Math.floor(after / 60000) % 60;
  const seconds = (after % 60000) / 1000;
  // Three units would be wider than a tick's room.
  if (hours > 0 && step < 60000)
    return `${hours}:${String(minutes).padStart(2, '0')}:${seconds.toFixed(digits).padStart(digits > 0 ? digits + 3 : 2, '0')}`;
  return [
    hours > 0 && `${hours} h`,
    minutes > 0 && `${minutes} m`,
    (seconds > 0 || after < 60000) && `${seconds.toFixed(digits)} s`,
  ]
    .filter(Boolean)
    .join(' ');
}

// The ticks of an axis that is `width` pixels wide, with their texts. One that would be cut at the end of the axis stands
// left of its line, if there is room behind the text before it; else the line says enough.
/** @param {Axis} axis @param {View} view @param {number} width */
export function axisLabels(axis, view, width) {
  const scale = width / (view.to - view.from);
  let free = 0;
  return axisTicks(axis, view, Math.max(2, width / tickWidth)).map((tick) => {
    const text = axisTickText(tick.after, tick.step);
    const own = text.length * characterWidth + tickPadding;
    const at = (tick.place - view.from) * scale;
    const isBefore = width - at < own;
    const isShown = !isBefore || at - own >= free;
    free = at + own;
    return { ...tick, text: isShown ? text : '', isBefore: isBefore && isShown };
  });
}

// Zooms by a factor around a place; the view stays on the axis.
/** @param {View} view @param {number} total @param {number} factor @param {number} around @returns {View} */
export function viewZoom(view, total, factor, around) {
  const length = Math.min(total, Math.max(1, (view.to - view.from) * factor));
  const share = (around - view.from) / Math.max(1e-9, view.to - view.from);
  return viewMove({ from: around - share * length, to: around - share * length + length }, total, 0);
}

/** @param {View} view @param {number} total @param {number} by @returns {View} */
export function viewMove(view, total, by) {
  const length = view.to - view.from;
  const from = Math.max(0, Math.min(total - length, view.from + by));
  return { from, to: from + length };
}
