// SPDX-License-Identifier: Apache-2.0
// A trace as a component shows it. A long one is worked through whole each time that it is shown anew: while its steps
// arrive, that is done a few times a second, not for each of them, and takes a small part of the processor however long
// the trace is and however slow the machine.
import { effect, useEffect, useLayoutEffect, useRef, useState } from './html.js';
import { traces } from './store.js';

const calmAbove = 2000;
const shortest = 250;
const longest = 2000;
const rest = 8;

// How long to wait after what took so long. Milliseconds.
/** @param {number} took */
export const calmFor = (took) => Math.min(longest, Math.max(shortest, took * rest));

// Whether the reader may wait for the next one.
/** @param {Trace | undefined} shown @param {Trace | undefined} next */
export const calmHolds = (shown, next) =>
  shown !== undefined && next !== undefined && Math.min(shown.metas.length, next.metas.length) > calmAbove;

/** @param {string} id @returns {Trace | undefined} */
export function useCalmTrace(id) {
  const [, redraw] = useState({});
  const state = useRef({ trace: traces.peek(id), id, isDue: true, began: 0, until: 0 });
  const held = state.current;
  if (held.isDue || held.id !== id || !calmHolds(held.trace, traces.peek(id)))
    Object.assign(held, { trace: traces.peek(id), id, isDue: false, began: performance.now() });
  // Before the next event can arrive.
  useLayoutEffect(() => {
    const now = performance.now();
    held.until = now + calmFor(now - held.began);
  }, [held.trace]);
  useEffect(() => {
    /** @type {Timer} */
    let timer;
    const show = () => {
      timer = undefined;
      held.isDue = true;
      redraw({});
    };
    const stop = effect(() => {
      const next = traces.get(id);
      if (next === held.trace) return;
      if (!calmHolds(held.trace, next)) redraw({});
      else timer ??= setTimeout(show, Math.max(0, held.until - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [id]);
  return held.trace;
}
