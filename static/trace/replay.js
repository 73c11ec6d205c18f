// SPDX-License-Identifier: Apache-2.0
// A trace as it stood at a moment of its own time. Pure. Places are those of an axis whose idle gaps are compressed
// (axis.js), so that nobody waits through them.
import { axisPlace, axisTime, spanEnd } from './axis.js';

/** @typedef {import('./axis.js').Axis} Axis */

// Steps that had begun; those that had not ended are open, and have taken what they had taken by then.
/** @param {Trace} trace @param {number} time @returns {Trace} */
export function replayTrace(trace, time) {
  const metas = [];
  for (const meta of trace.metas) {
    if (meta.startedAt > time) break;
    if (spanEnd(meta, Infinity) <= time) metas.push(meta);
    else metas.push({ ...meta, status: /** @type {StepStatus} */ ('running'), durationMs: time - meta.startedAt });
  }
  return { metas, byId: new Map(metas.map((meta) => [meta.id, meta])), complete: trace.complete };
}

// The moment to show at a place. Without motion nothing grows: it is that of the last thing that had happened.
/** @param {Axis} axis @param {Trace} trace @param {number} place @param {boolean} isStill */
export function replayTime(axis, trace, place, isStill) {
  const time = place >= axis.total ? axis.end : axisTime(axis, place);
  if (!isStill) return time;
  let last = axis.start;
  for (const meta of trace.metas) {
    if (meta.startedAt > time) break;
    const end = spanEnd(meta, Infinity);
    last = Math.max(last, end <= time ? end : meta.startedAt);
  }
  return last;
}

// The place of the step before or behind a place; the ends, where there is none.
/** @param {Axis} axis @param {Trace} trace @param {number} place @param {number} by */
export function replayStep(axis, trace, place, by) {
  const places = trace.metas.map((meta) => axisPlace(axis, meta.startedAt));
  // Places are fractions: what lies within a tenth of a millisecond is the step where one stands.
  const near = 0.1;
  const next = by > 0 ? places.find((one) => one > place + near) : places.findLast((one) => one < place - near);
  return next ?? (by > 0 ? axis.total : 0);
}
