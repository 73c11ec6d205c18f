// Who may hold a stream. A browser has six HTTP/1.1 connections for all windows of one origin: five may stream, so that
// requests always find one, and the others wait until one of them is closed or hidden. HTTP/2 has no such limit, and a
// browser without locks between windows has to do without this.

const slots = Array.from({ length: 5 }, (_, index) => `agent-trace:stream:${index}`);

function isLimited() {
  const [page] = performance.getEntriesByType('navigation');
  return Boolean(navigator.locks) && !/^h[23]/.test(page?.nextHopProtocol ?? '');
}

// Calls `onTaken` later, when there is a slot, which may be never. The function that is returned gives the slot back, or
// stops waiting for one.
export function slotTake(onTaken) {
  const waiting = new AbortController();
  let giveBack = () => {};
  const take = () => {
    if (waiting.signal.aborted) return undefined;
    // One is enough: the other requests are withdrawn.
    waiting.abort();
    onTaken();
    return new Promise((resolve) => (giveBack = resolve));
  };
  if (!isLimited()) queueMicrotask(take);
  else for (const name of slots) navigator.locks.request(name, { signal: waiting.signal }, take).catch(() => {});
  return () => {
    waiting.abort();
    giveBack();
  };
}
