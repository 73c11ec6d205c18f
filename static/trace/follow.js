// SPDX-License-Identifier: Apache-2.0
// Follows the end of a scrolling element until the reader scrolls up, by wheel, finger, key or bar, and again once the
// reader has scrolled back to within 48 px of it. The trace and the timelines share it.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from '../html.js';

const near = 48;
const upKeys = new Set(['ArrowUp', 'PageUp', 'Home']);

/** @param {Element} element */
const distanceToEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight;

// `content` is the element whose growth is watched. Without `sticks` the caller decides what following shows.
/**
 * @param {{ current: HTMLElement }} scroller @param {{ current: HTMLElement }} content @param {boolean} initially
 * @param {boolean} [sticks]
 * @returns {Follow}
 */
export function useFollow(scroller, content, initially, sticks = true) {
  const [following, show] = useState(initially);
  const state = useRef({ following: initially, last: 0, height: 0, isHeld: false });

  const setFollowing = useCallback((/** @type {boolean} */ value) => {
    state.current.following = value;
    show(value);
  }, []);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    // A finger on the screen moves the content itself.
    if (!sticks || !element || state.current.isHeld) return;
    element.scrollTop = element.scrollHeight;
    state.current.last = element.scrollTop;
  }, [sticks]);

  const jump = useCallback(() => {
    setFollowing(true);
    toEnd();
  }, [toEnd]);

  // The page itself only scrolls down, so a movement up is the reader's, unless the content became shorter. Only a
  // movement down follows again: right after the first pixels up the end is still near.
  const onScroll = useCallback(() => {
    const element = scroller.current;
    const { last, height } = state.current;
    const shrank = element.scrollHeight < height;
    state.current.last = element.scrollTop;
    state.current.height = element.scrollHeight;
    // Where the caller decides, it scrolls up too: only gestures tell what the reader wants.
    if (!sticks) return;
    if (element.scrollTop < last - 1 && !shrank) {
      if (state.current.following) setFollowing(false);
    } else if (element.scrollTop > last && distanceToEnd(element) <= near && !state.current.following)
      setFollowing(true);
  }, [sticks]);

  // What the reader means is known before the scroll happens, and growing content must not undo it.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    let fingerY = 0;
    const leave = () => {
      if (state.current.following && element.scrollHeight > element.clientHeight) setFollowing(false);
    };
    const onWheel = (/** @type {WheelEvent} */ event) => event.deltaY < 0 && !event.ctrlKey && leave();
    const onKey = (/** @type {KeyboardEvent} */ event) =>
      (upKeys.has(event.key) || (event.key === ' ' && event.shiftKey)) && leave();
    // What a finger rests on may be replaced while text streams, and an element that is gone passes no events on: so
    // they are heard on the element itself.
    const onTouch = (/** @type {TouchEvent} */ start) => {
      const target = /** @type {Element} */ (start.target);
      const ending = new AbortController();
      const options = { passive: true, signal: ending.signal };
      state.current.isHeld = true;
      fingerY = start.touches[0].clientY;
      /** @param {any} event */
      const onMove = (event) => {
        const y = event.touches[0].clientY;
        if (y > fingerY + 1) leave();
        fingerY = y;
      };
      const onEnd = () => {
        state.current.isHeld = false;
        ending.abort();
      };
      target.addEventListener('touchmove', onMove, options);
      target.addEventListener('touchend', onEnd, options);
      target.addEventListener('touchcancel', onEnd, options);
    };
    // A press on the element itself is one on its scroll bar.
    const onPress = (/** @type {PointerEvent} */ event) => !sticks && event.target === element && leave();
    element.addEventListener('pointerdown', onPress);
    element.addEventListener('wheel', onWheel, { passive: true });
    element.addEventListener('keydown', onKey);
    element.addEventListener('touchstart', onTouch, { passive: true });
    return () => {
      element.removeEventListener('pointerdown', onPress);
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('keydown', onKey);
      element.removeEventListener('touchstart', onTouch);
    };
  }, [scroller.current, sticks]);

  useEffect(() => {
    if (!content.current) return undefined;
    const observer = new ResizeObserver(() => {
      if (state.current.following) toEnd();
    });
    observer.observe(content.current);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [content.current, toEnd]);

  useLayoutEffect(() => {
    if (state.current.following) toEnd();
  });

  return { following, jump, setFollowing, onScroll };
}
