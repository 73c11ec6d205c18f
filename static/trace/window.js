// SPDX-License-Identifier: Apache-2.0
// Decides which rows of a long list are mounted, and where. Pure. Heights are measured where known, else estimated. A
// change above the viewport is answered with the distance to scroll by, so that nothing in view moves.

export const windowedAbove = 200;

/** @param {number} estimate @returns {Heights} */
export function heightsNew(estimate) {
  return { known: new Map(), estimate, ids: [], offsets: new Float64Array(1), dirty: true };
}

/** @param {Heights} heights @param {string[]} ids */
export function heightsRows(heights, ids) {
  if (heights.ids === ids) return;
  heights.ids = ids;
  heights.dirty = true;
}

/** @param {Heights} heights @param {string} id @param {number} height */
export function heightsSet(heights, id, height) {
  if (heights.known.get(id) === height) return false;
  heights.known.set(id, height);
  heights.dirty = true;
  return true;
}

/** @param {Heights} heights */
function offsets(heights) {
  if (!heights.dirty) return heights.offsets;
  const { ids, known, estimate } = heights;
  const list = new Float64Array(ids.length + 1);
  for (let i = 0; i < ids.length; i += 1) list[i + 1] = list[i] + (known.get(ids[i]) ?? estimate);
  heights.offsets = list;
  heights.dirty = false;
  return list;
}

/** @param {Heights} heights */
export function heightsTotal(heights) {
  return offsets(heights)[heights.ids.length];
}

/** @param {Heights} heights @param {number} index */
export function heightsTop(heights, index) {
  return offsets(heights)[index];
}

// Finds the row at a distance from the top.
/** @param {Heights} heights @param {number} y */
export function heightsIndexAt(heights, y) {
  const list = offsets(heights);
  let low = 0;
  let high = heights.ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle + 1] <= y) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, heights.ids.length - 1));
}

// Returns some screens of rows on either side of the viewport and the rows that must stay (focused, selected), in
// order.
/**
 * @param {Heights} heights
 * @param {number} scrollTop
 * @param {number} viewport
 * @param {number[]} [pinned]
 * @param {number} [screens]
 */
export function windowRows(heights, scrollTop, viewport, pinned = [], screens = 2) {
  const count = heights.ids.length;
  if (count === 0) return [];
  const margin = viewport * screens;
  const first = heightsIndexAt(heights, Math.max(0, scrollTop - margin));
  const last = heightsIndexAt(heights, scrollTop + viewport + margin);
  const rows = [];
  for (let i = first; i <= last; i += 1) rows.push(i);
  const outside = [...new Set(pinned)].filter(
    (index) => index >= 0 && index < count && (index < first || index > last),
  );
  return [...outside, ...rows].sort((a, b) => a - b);
}

// How far to scroll after heights changed so that the row at `anchor` stays at its distance from the viewport's top.
/** @param {Heights} heights @param {{ id: string, offset: number }} anchor @param {number} scrollTop */
export function windowCompensate(heights, anchor, scrollTop) {
  const index = heights.ids.indexOf(anchor.id);
  if (index < 0) return 0;
  return heightsTop(heights, index) - anchor.offset - scrollTop;
}

// Whether `next` only goes on where `held` ends, so that nothing above any row has changed.
/** @param {string[]} held @param {string[]} next */
export const windowOnlyGrew = (held, next) => held.length <= next.length && held.every((id, at) => id === next[at]);
