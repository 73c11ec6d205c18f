// SPDX-License-Identifier: Apache-2.0
// Brings an element into a scrolling frame and keeps it there until everything around it has settled: rows that are
// measured, loaded or written meanwhile would push it out again. A reader who scrolls first wins.

const stillFrames = 15;
// Rows may come late over a slow connection, so this is time: frames pass faster on a faster screen.
const mostMs = 15000;
const lead = 24;
const gestures = ['wheel', 'touchmove', 'pointerdown', 'keydown'];

/** @type {(() => void) | null} */
let stopLast = null;

// `find` returns the element, or null while it is not mounted. `onFound` is called once it has its content; `onEnd` in any
// case.
/**
 * @param {HTMLElement} frame @param {() => HTMLElement | null} find
 * @param {{ onFound: (element: HTMLElement) => void, onEnd: () => void }} on
 */
export function landOn(frame, find, { onFound, onEnd }) {
  stopLast?.();
  let isOver = false;
  let isFound = false;
  let still = 0;
  const began = performance.now();
  let lastTop = NaN;
  const stop = () => {
    if (isOver) return;
    isOver = true;
    if (stopLast === stop) stopLast = null;
    for (const type of gestures) frame.removeEventListener(type, onGesture, true);
    onEnd();
  };
  /** @param {Event} event */
  const onGesture = (event) => {
    // The key that asked for the jump is still going up and down.
    if (event.type !== 'keydown' || /^(Arrow|Page|Home|End)/.test(/** @type {KeyboardEvent} */ (event).key)) stop();
  };
  const look = () => {
    if (isOver) return;
    const element = find();
    if (element) {
      const box = element.getBoundingClientRect();
      const view = frame.getBoundingClientRect();
      const isInside = box.top >= view.top && Math.min(box.bottom, box.top + 64) <= view.bottom;
      if (!isInside) frame.scrollTop += box.top - view.top - lead;
      const isWaiting = element.querySelector('.is-waiting, .skeleton') !== null;
      still = isInside && box.top === lastTop && !isWaiting ? still + 1 : 0;
      lastTop = box.top;
      if (!isFound && !isWaiting) {
        isFound = true;
        onFound(element);
      }
    }
    if (still >= stillFrames || performance.now() - began >= mostMs) stop();
    else requestAnimationFrame(look);
  };
  for (const type of gestures) frame.addEventListener(type, onGesture, { capture: true, passive: true });
  stopLast = stop;
  requestAnimationFrame(look);
}
