// Which of two copies of one thing is newer. Pure. Every copy may come late, twice, or by another carrier (a card's
// progress, a list, a trace), so nothing is ever replaced by what is older, and what has ended never starts again.

const liveStatuses = new Set(['pending', 'running']);

export function isTerminal(session) {
  return !liveStatuses.has(session.status);
}

export function isOpen(step) {
  return step.status === 'running';
}

export function mergeSession(held, next) {
  if (!held) return next;
  if (isTerminal(held) && !isTerminal(next)) return held;
  if (next.lastSeq < held.lastSeq) return held;
  if (next.lastSeq === held.lastSeq && isTerminal(held) === isTerminal(next) && isTerminal(held))
    return { ...held, ...next };
  return next;
}

export function mergeStep(held, next) {
  if (!held) return next;
  if (!isOpen(held) && isOpen(next)) return held;
  if (next.seq < held.seq) return held;
  // The same change, once cut for a list and once whole.
  if (next.seq === held.seq && next.truncated && !held.truncated && held.status === next.status) return held;
  return next;
}

export function mergeMessage(held, next) {
  if (!held) return next;
  return next.version < held.version ? held : next;
}

// A step that was open when its session ended was interrupted; there is no event that says so.
export function stepStatus(step, session) {
  return isOpen(step) && session && isTerminal(session) ? 'interrupted' : step.status;
}
