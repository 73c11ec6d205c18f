// The one EventSource of this document: when it is open, with which rooms, and when to try again. What the events
// mean is not known here. A hidden page holds no connection; changed rooms open the new connection before the old one
// closes; all windows together leave room for requests.
import { slotTake } from './slots.js';

const hiddenGrace = 5000;
const readyTimeout = 5000;
const slotPatience = 1500;
const silenceTimeout = 40000;

// urlOf(): the URL with rooms and counters as they are now, or null if there is nothing to listen to. on:
// {event(type, data), status(text), closed() → Promise<boolean>: may we try again?, probe() → Promise<boolean>: does
// REST answer?}
export function createEvents({ names, urlOf, on }) {
  let current = null;
  let next = null;
  let attempts = 0;
  let retryTimer = null;
  let hiddenTimer = null;
  let silence = null;
  let suspended = document.hidden;
  let scheduled = false;
  let slot = null;

  function drop(source) {
    if (!source) return;
    clearTimeout(source.readyTimer);
    source.connection.close();
  }

  function closeAll() {
    drop(current);
    drop(next);
    current = next = null;
    clearTimeout(retryTimer);
    clearTimeout(silence);
    retryTimer = null;
  }

  function dropSlot() {
    slot?.give();
    slot = null;
  }

  // Whether this window may stream already; open() is called again when it may.
  function mayStream() {
    if (slot) return slot.taken;
    const asked = { taken: false };
    slot = asked;
    const patience = setTimeout(() => on.status('crowded'), slotPatience);
    const give = slotTake(
      () => {
        clearTimeout(patience);
        asked.taken = true;
        open();
      },
      () => {
        close();
        open();
      },
    );
    asked.give = () => {
      clearTimeout(patience);
      give();
    };
    return false;
  }

  function watchSilence() {
    clearTimeout(silence);
    silence = setTimeout(() => fail(), silenceTimeout);
  }

  async function fail() {
    closeAll();
    on.status('lost');
    if (suspended || !(await on.closed()) || suspended || current || next) return;
    const wait = Math.min(30000, 1000 * 2 ** attempts) * (0.5 + Math.random());
    attempts += 1;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(open, wait);
  }

  // Either the browser has no connection left for us (then REST gets none too), or the server's push is stuck.
  async function noReady(source) {
    const answers = await on.probe();
    if (source === current || source === next) on.status(answers ? 'lost' : 'crowded');
  }

  function received(source, type, event) {
    watchSilence();
    if (source !== current && source !== next) return;
    if (type === 'ready') {
      clearTimeout(source.readyTimer);
      attempts = 0;
      source.isReady = true;
      if (source === next) {
        drop(current);
        current = next;
        next = null;
      }
      on.status('live');
    }
    if (type === 'unavailable') {
      clearTimeout(source.readyTimer);
      on.status('lost');
    } else if (type !== 'ping') on.event(type, JSON.parse(event.data));
  }

  function open() {
    if (suspended) return undefined;
    const url = urlOf();
    drop(next);
    next = null;
    if (current && !current.isReady) {
      drop(current);
      current = null;
    }
    if (url === null) return close();
    if (!mayStream()) return undefined;
    const source = { connection: new EventSource(url), readyTimer: null, isReady: false };
    if (current) next = source;
    else {
      current = source;
      on.status('connecting');
    }
    source.readyTimer = setTimeout(() => noReady(source), readyTimeout);
    for (const type of ['ready', 'ping', 'unavailable', 'reset', 'revoked', 'end', ...names])
      source.connection.addEventListener(type, (event) => received(source, type, event));
    source.connection.onerror = () => {
      if (source !== current && source !== next) return;
      if (source.connection.readyState === EventSource.CLOSED) fail();
      else if (source === current) on.status('lost');
    };
    watchSilence();
    return undefined;
  }

  function close() {
    closeAll();
    dropSlot();
  }

  function suspend() {
    clearTimeout(hiddenTimer);
    suspended = true;
    close();
    on.status('asleep');
  }

  function resume() {
    clearTimeout(hiddenTimer);
    if (!suspended || document.hidden) return;
    suspended = false;
    attempts = 0;
    open();
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(suspend, hiddenGrace);
    else resume();
  });
  document.addEventListener('freeze', suspend);
  window.addEventListener('pagehide', suspend);
  window.addEventListener('pageshow', resume);
  window.addEventListener('online', () => {
    if (suspended) return resume();
    closeAll();
    attempts = 0;
    open();
  });

  return {
    // The rooms changed: once per turn of the event loop, however many there were.
    reopen() {
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(() => {
        scheduled = false;
        clearTimeout(retryTimer);
        open();
      });
    },
    // The connection is of no use any more: the next one after a moment.
    restart: fail,
    close,
  };
}
