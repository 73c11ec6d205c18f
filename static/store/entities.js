// SPDX-License-Identifier: Apache-2.0
// Decides which of two copies of a thing is newer. Pure. A copy may come late, twice, or by another carrier (a card's
// progress, a list, a trace), so nothing is replaced by something older, and what has ended never starts again.

const liveStatuses = new Set(['pending', 'running']);
// A session that the system ended runs again when its agent is heard of.
const reopenable = new Set(['heartbeat_lost', 'source_silent']);

/** @param {Session} session */
export function isTerminal(session) {
  return !liveStatuses.has(session.status);
}

/** @param {Step} step */
export function isOpen(step) {
  return step.status === 'running';
}

// Lists and events say only that there are metadata; those that another copy brought are still the session's.
/** @param {Session} session @param {Session} other */
const withMetadata = (session, other) =>
  session.hasMetadata && !session.metadata && other.metadata ? { ...session, metadata: other.metadata } : session;

/** @param {Session | undefined} held @param {Session} next */
export function mergeSession(held, next) {
  if (!held) return next;
  const newer = newerSession(held, next);
  return withMetadata(newer, newer === held ? next : held);
}

/** @param {Session} held @param {Session} next */
function newerSession(held, next) {
  const mayReopen = reopenable.has(held.error?.code ?? '') && next.lastSeq > held.lastSeq;
  if (isTerminal(held) && !isTerminal(next)) return mayReopen ? next : held;
  if (next.lastSeq < held.lastSeq) return held;
  if (next.lastSeq === held.lastSeq && isTerminal(held) === isTerminal(next) && isTerminal(held))
    return { ...held, ...next };
  return next;
}

/** @param {unknown} list */
const hasReferences = (list) => Array.isArray(list) && list.some((item) => item?.textVersion !== undefined);

// Events name the messages that a step quotes, without their texts.
/** @param {Step | Message} copy */
export function lacksTexts({ content, sources }) {
  return hasReferences(sources) || (content instanceof Object && Object.values(content).some(hasReferences));
}

// Whether an event or a list shows only a part of it; REST has the whole.
/** @param {Step | Message} copy */
export function isCut(copy) {
  return Boolean(copy.truncated || copy.sourcesTruncated || lacksTexts(copy));
}

/** @param {Step | undefined} held @param {Step} next */
export function mergeStep(held, next) {
  if (!held) return next;
  // An interrupted step is an open one whose session ended: it may run again.
  if (!isOpen(held) && isOpen(next)) return held.status === 'interrupted' && next.seq >= held.seq ? next : held;
  if (next.seq < held.seq) return held;
  // Both copies show the same change, one cut for a list and one whole.
  if (next.seq === held.seq && isCut(next) && !isCut(held) && held.status === next.status) return held;
  return next;
}

/** @param {Message | undefined} held @param {Message} next */
export function mergeMessage(held, next) {
  if (!held) return next;
  if (next.version < held.version) return held;
  if (next.version > held.version || !isCut(next) || isCut(held)) return next;
  // The same text, one cut and one whole, and around it what may have changed since.
  const merged = { ...held, ...next, content: held.content };
  for (const flag of /** @type {const} */ (['truncated', 'contentLength', 'sourcesTruncated'])) delete merged[flag];
  return held.sources ? { ...merged, sources: held.sources } : merged;
}

// A step that was open when its session ended was interrupted. No event says so.
/** @param {Step} step @param {Session | undefined} session */
export function stepStatus(step, session) {
  return isOpen(step) && session && isTerminal(session) ? 'interrupted' : step.status;
}
