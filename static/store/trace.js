// SPDX-License-Identifier: Apache-2.0
// The order of one session's steps, and what little is known of the steps that are not loaded. Pure. `metas` is sorted
// by start and number, as the server sorts, and comes from the outline or from the steps themselves.

/** @returns {Trace} */
export function traceNew() {
  return { metas: [], byId: new Map(), complete: false };
}

/** @param {Meta} a @param {Meta} b */
export const traceOrder = (a, b) => a.startedUs - b.startedUs || a.number - b.number;

/** @param {Step} step @returns {Meta} */
export function metaOf(step) {
  return {
    id: step.id,
    number: step.stepNumber,
    type: step.stepType,
    name: step.name,
    parentId: step.parentStepId,
    status: step.status,
    startedAt: Date.parse(step.startedAt),
    startedUs: step.startedUs,
    durationMs: step.durationMs,
    messageId: step.messageId,
    seq: step.seq,
  };
}

// Reads the outline: arrays whose meaning its `columns` tell. Times count from 1970. A parent that is promised and has
// not arrived is named like any other.
/** @param {Outline} outline @returns {Meta[]} */
export function outlineMetas(outline) {
  const column = Object.fromEntries(outline.columns.map((name, index) => [name, index]));
  return outline.steps.map((row) => {
    return {
      id: row[column.id],
      number: row[column.number],
      type: row[column.type],
      status: row[column.status],
      parentId: row[column.parentId] ?? undefined,
      startedAt: row[column.startedMs],
      startedUs: row[column.startedUs],
      durationMs: row[column.durationMs] ?? undefined,
      messageId: row[column.messageId] ?? undefined,
      seq: row[column.seq],
    };
  });
}

/** @param {Meta | undefined} held @param {Meta} next */
function better(held, next) {
  if (!held) return next;
  if (held.status === 'completed' || held.status === 'failed') if (next.status === 'running') return held;
  return next.seq < held.seq ? held : { ...held, ...next };
}

// Where `meta` belongs in a sorted list: nearly always at its end.
/** @param {Meta[]} list @param {Meta} meta */
function placeOf(list, meta) {
  let low = 0;
  let high = list.length;
  if (high > 0 && traceOrder(list[high - 1], meta) < 0) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (traceOrder(list[middle], meta) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

// A step that was filled in may have moved.
/** @param {Trace} trace @param {Meta | undefined} held @param {Meta} meta */
function putOne({ metas }, held, meta) {
  // One copy, not two: a list that is copied and then grows is copied again.
  if (!held && placeOf(metas, meta) === metas.length) return metas.concat([meta]);
  const list = metas.slice();
  const at = held ? placeOf(list, held) : -1;
  if (held && traceOrder(held, meta) === 0) list[at] = meta;
  else {
    if (held) list.splice(at, 1);
    list.splice(placeOf(list, meta), 0, meta);
  }
  return list;
}

/** @param {Trace} trace @param {Meta[]} metas @param {{ complete?: boolean }} [options] @returns {Trace} */
export function traceMerge(trace, metas, { complete = trace.complete } = {}) {
  if (metas.length === 0 && complete === trace.complete) return trace;
  // The map is one for all versions of a trace: a copy of fifty thousand entries for each event would cost a frame.
  const { byId } = trace;
  const [one] = metas;
  const held = metas.length === 1 ? byId.get(one.id) : undefined;
  for (const meta of metas) byId.set(meta.id, better(byId.get(meta.id), meta));
  const list =
    metas.length === 1
      ? putOne(trace, held, /** @type {Meta} */ (byId.get(one.id)))
      : [...byId.values()].sort(traceOrder);
  return { metas: list, byId, complete };
}
