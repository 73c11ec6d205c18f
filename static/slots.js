// SPDX-License-Identifier: Apache-2.0
// Which windows may hold a stream. A browser has six HTTP/1.1 connections for all windows of one origin: five may
// stream, so that requests always find one, and the others wait until one of the five is closed or hidden. HTTP/2 has
// no such limit. A browser without locks between windows (a page over plain http from another machine) cannot count
// them: there every window streams, and the page says how many windows it can bear (ui/notices.js).

export const slotCount = 5;
const slots = Array.from({ length: slotCount }, (_, index) => `agent-trace:stream:${index}`);

function isLimited() {
  /** @type {any[]} */
  const [page] = performance.getEntriesByType('navigation');
  return !/^h[23]/.test(page?.nextHopProtocol ?? '');
}

/** @param {() => void} onTaken */
function lockTake(onTaken) {
  const waiting = new AbortController();
  /** @type {(value?: unknown) => void} */
  let giveBack = () => {};
  const take = () => {
    if (waiting.signal.aborted) return undefined;
    // One lock is enough, so the other requests are withdrawn.
    waiting.abort();
    // Whoever takes it may give it back at once.
    const held = new Promise((resolve) => (giveBack = resolve));
    onTaken();
    return held;
  };
  for (const name of slots) navigator.locks.request(name, { signal: waiting.signal }, take).catch(() => {});
  return () => {
    waiting.abort();
    giveBack();
  };
}

/** @param {() => void} onTaken */
function freeTake(onTaken) {
  let wanted = true;
  queueMicrotask(() => wanted && onTaken());
  return () => (wanted = false);
}

export const slotsAreUncounted = () => isLimited() && !navigator.locks;

// Calls `onTaken` later, when there is a slot, which may be never. The returned function gives the slot back, or stops
// waiting for one.
/** @param {() => void} onTaken */
export function slotTake(onTaken) {
  return isLimited() && navigator.locks ? lockTake(onTaken) : freeTake(onTaken);
}

// Calls `onTaken` when this is the window that keeps watch while all are hidden. The returned function hands it on.
/** @param {() => void} onTaken */
export function watchTake(onTaken) {
  const waiting = new AbortController();
  let giveBack = () => {};
  const take = () => {
    if (waiting.signal.aborted) return undefined;
    const held = new Promise((resolve) => (giveBack = () => resolve(undefined)));
    onTaken();
    return held;
  };
  navigator.locks?.request('agent-trace:watch', { signal: waiting.signal }, take).catch(() => {});
  return () => {
    waiting.abort();
    giveBack();
  };
}
