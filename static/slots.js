// Who may hold a stream. A browser has six HTTP/1.1 connections for all windows of one origin: five may stream, so that
// requests always find one, and the others wait until one of them is closed or hidden. HTTP/2 has no such limit.
import { leaseTake } from './leases.js';

const count = 5;
const slots = Array.from({ length: count }, (_, index) => `agent-trace:stream:${index}`);

function isLimited() {
  const [page] = performance.getEntriesByType('navigation');
  return !/^h[23]/.test(page?.nextHopProtocol ?? '');
}

function lockTake(onTaken) {
  const waiting = new AbortController();
  let giveBack = () => {};
  const take = () => {
    if (waiting.signal.aborted) return undefined;
    // One is enough: the other requests are withdrawn.
    waiting.abort();
    onTaken();
    return new Promise((resolve) => (giveBack = resolve));
  };
  for (const name of slots) navigator.locks.request(name, { signal: waiting.signal }, take).catch(() => {});
  return () => {
    waiting.abort();
    giveBack();
  };
}

function freeTake(onTaken) {
  let wanted = true;
  queueMicrotask(() => wanted && onTaken());
  return () => (wanted = false);
}

// Calls `onTaken` later, when there is a slot, which may be never; and `onLost` if it turns out to be somebody else's.
// The function that is returned gives the slot back, or stops waiting for one.
export function slotTake(onTaken, onLost) {
  if (!isLimited()) return freeTake(onTaken);
  return navigator.locks ? lockTake(onTaken) : leaseTake(count, onTaken, onLost);
}
