// SPDX-License-Identifier: Apache-2.0
// A trace as it stood at a moment of its own time. Pure. Places are those of an axis whose idle gaps are compressed
// (axis.js), so that nobody waits through them.
import { stepKind } from '../steps.js';
import { axisPlace, axisTime, spanEnd } from './axis.js';

/** @typedef {import('./axis.js').Axis} Axis */

// Steps that had begun; those that had not ended are open, and have taken what they had taken by then.
/** @param {Trace} trace @param {number} time @returns {Trace} */
export function replayTrace(trace, time) {
  const metas = [];
  for (const meta of trace.metas) {
    if (meta.startedAt > time) break;
    if (spanEnd(meta, Infinity) <= time) metas.push(meta);
    else
      metas.push({
        ...meta,
        status: /** @type {StepStatus} */ ('running'),
        durationMs: time - meta.startedAt,
        isAsOf: true,
      });
  }
  return { metas, byId: new Map(metas.map((meta) => [meta.id, meta])), complete: trace.complete };
}

/** @param {Step} step @returns {unknown} */
function begunContent({ stepType, content }) {
  const { begins = [] } = stepKind(stepType);
  if (typeof content === 'string') return begins.length === 1 ? content : undefined;
  if (content === null || typeof content !== 'object' || Array.isArray(content)) return undefined;
  const known = Object.entries(content).filter(([key]) => begins.includes(key));
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

const begun = /** @type {const} */ ([
  'id', 'sessionId', 'stepNumber', 'stepType', 'name', 'parentStepId', 'startedAt', 'startedUs', 'receivedAt', 'input', 'seq',
]); // prettier-ignore

// What was known of a step at the moment of which `meta` is: before its end no result, no tokens and no error. What it had
// written by then was not kept.
/** @param {any} step @param {Meta} meta @returns {Step} */
export function replayKnown(step, meta) {
  if (!meta.isAsOf) return step;
  const content = step.truncated ? undefined : begunContent(step);
  const known = begun.filter((key) => step[key] !== undefined).map((key) => [key, step[key]]);
  return { ...Object.fromEntries(known), status: 'running', ...(content !== undefined && { content }) };
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
