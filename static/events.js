// SPDX-License-Identifier: Apache-2.0
// The one EventSource of this document: when it is open, for which rooms, and when to try again. What the events mean
// is not known here. A hidden page holds no connection, but for one of them all, where the reader is to be notified: it
// keeps watch. When the rooms change, the new connection opens before the old one closes. All windows together leave
// room for requests.
import { exactParse } from './exact.js';
import { slotsAreUncounted, slotTake, watchTake } from './slots.js';
import { createWatchdog } from './watchdog.js';

/** @typedef {{ connection: EventSource, readyTimer: Timer, isReady: boolean }} EventConnection */
/**
 * @typedef {{ event: (type: string, data: any) => void, status: (text: string) => void,
 *   closed: () => Promise<boolean>, probe: () => Promise<boolean>, watches: () => boolean }} EventsListener
 */

const hiddenGrace = 5000;
const readyTimeout = 5000;
const readyMost = 40000;
const slotPatience = 1500;
const silenceTimeout = 40000;
const silenceMost = 320000;

// `urlOf()` returns the URL with rooms and counters as they are now, those of a watch alone or all, or null if there is
// nothing to listen to. `on.closed()` answers whether to try again, `on.probe()` whether REST answers, `on.watches()`
// whether a hidden page is to keep watch.
/** @param {{ names: string[], urlOf: (isWatch: boolean) => string | null, on: EventsListener }} options */
export function createEvents({ names, urlOf, on }) {
  /** @type {EventConnection | null} */
  let current = null;
  /** @type {EventConnection | null} */
  let next = null;
  let attempts = 0;
  /** @type {Timer} */
  let retryTimer;
  /** @type {Timer} */
  let hiddenTimer;
  const watchdog = createWatchdog({ quietMs: silenceTimeout, mostMs: silenceMost, onSilence: () => fail() });
  let suspended = document.hidden;
  let scheduled = false;
  let isWatch = false;
  let endWatch = () => {};
  /** @type {{ taken: boolean, give?: Release } | null} */
  let slot = null;

  /** @param {EventConnection | null} source */
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
    watchdog.stop();
  }

  function dropSlot() {
    slot?.give?.();
    slot = null;
  }

  // Returns whether this window may stream already. Otherwise open() is called again when it may.
  function mayStream() {
    if (slot) return slot.taken;
    /** @type {{ taken: boolean, give?: Release }} */
    const asked = { taken: false };
    slot = asked;
    const patience = setTimeout(() => on.status('crowded'), slotPatience);
    const give = slotTake(() => {
      clearTimeout(patience);
      asked.taken = true;
      open();
    });
    asked.give = () => {
      clearTimeout(patience);
      give();
    };
    return false;
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

  // Either the browser has no connection left for this window (and then REST gets none either), or this stream is stuck:
  // another one is tried, and waited for longer, in case the network is slow.
  /** @param {EventConnection} source */
  async function noReady(source) {
    const answers = await on.probe();
    if (source.isReady || (source !== current && source !== next)) return;
    if (!answers && slotsAreUncounted()) on.status('crowded');
    fail();
  }

  /** @param {EventConnection} source @param {string} type @param {any} event */
  function received(source, type, event) {
    if (source !== current && source !== next) return;
    watchdog.awaken();
    if (type === 'ping') watchdog.calm();
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
    } else if (type !== 'ping') on.event(type, exactParse(event.data));
  }

  function open() {
    if (suspended) return undefined;
    const url = urlOf(isWatch);
    drop(next);
    next = null;
    if (current && !current.isReady) {
      drop(current);
      current = null;
    }
    if (url === null) return close();
    if (!mayStream()) return undefined;
    /** @type {EventConnection} */
    const source = { connection: new EventSource(url), readyTimer: undefined, isReady: false };
    if (current) next = source;
    else {
      current = source;
      on.status('connecting');
    }
    source.readyTimer = setTimeout(() => noReady(source), Math.min(readyMost, readyTimeout * 2 ** attempts));
    for (const type of ['ready', 'ping', 'unavailable', 'reset', 'revoked', 'end', ...names])
      source.connection.addEventListener(type, (event) => received(source, type, event));
    source.connection.onerror = () => {
      if (source !== current && source !== next) return;
      if (source.connection.readyState === EventSource.CLOSED) fail();
      else if (source === current) on.status('lost');
    };
    watchdog.awaken();
    return undefined;
  }

  function close() {
    closeAll();
    dropSlot();
  }

  function suspend() {
    clearTimeout(hiddenTimer);
    endWatch();
    endWatch = () => {};
    isWatch = false;
    suspended = true;
    close();
    on.status('asleep');
  }

  // The page stays hidden. It, or whichever of the hidden ones has the watch, goes on with what concerns the reader.
  function rest() {
    suspend();
    if (!on.watches()) return;
    endWatch = watchTake(() => {
      isWatch = true;
      suspended = false;
      open();
    });
  }

  function resume() {
    clearTimeout(hiddenTimer);
    if (document.hidden || !(suspended || isWatch)) return;
    endWatch();
    endWatch = () => {};
    isWatch = false;
    suspended = false;
    attempts = 0;
    open();
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(rest, hiddenGrace);
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
    // The rooms changed: reopens once per turn of the event loop, however many changes there were.
    reopen() {
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(() => {
        scheduled = false;
        clearTimeout(retryTimer);
        open();
      });
    },
    // The connection is of no use any more: opens the next one after a moment.
    restart: fail,
    close,
  };
}
