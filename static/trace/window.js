// Which rows of a long list are mounted, and where. Pure. Heights are measured where known, else estimated; a change
// above the viewport is answered with the distance to scroll by, so that nothing the reader looks at moves.

export const windowedAbove = 200;

export function heightsNew(estimate) {
  return { known: new Map(), estimate, ids: [], offsets: new Float64Array(1), dirty: true };
}

export function heightsRows(heights, ids) {
  if (heights.ids === ids) return;
  heights.ids = ids;
  heights.dirty = true;
}

export function heightsSet(heights, id, height) {
  if (heights.known.get(id) === height) return false;
  heights.known.set(id, height);
  heights.dirty = true;
  return true;
}

function offsets(heights) {
  if (!heights.dirty) return heights.offsets;
  const { ids, known, estimate } = heights;
  const list = new Float64Array(ids.length + 1);
  for (let i = 0; i < ids.length; i += 1) list[i + 1] = list[i] + (known.get(ids[i]) ?? estimate);
  heights.offsets = list;
  heights.dirty = false;
  return list;
}

export function heightsTotal(heights) {
  return offsets(heights)[heights.ids.length];
}

export function heightsTop(heights, index) {
  return offsets(heights)[index];
}

// The row at a distance from the top.
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

// Some screens on either side of the viewport, and the rows that must not go (focused, selected), in order.
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

// How far to scroll after heights changed so that the row at `anchor` (its id and its distance to the viewport's top)
// stays.
export function windowCompensate(heights, anchor, scrollTop) {
  const index = heights.ids.indexOf(anchor.id);
  if (index < 0) return 0;
  return heightsTop(heights, index) - anchor.offset - scrollTop;
}
