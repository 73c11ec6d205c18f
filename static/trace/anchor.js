// SPDX-License-Identifier: Apache-2.0
// Keeps what the reader looks at where it is when rows come above it: a step that was reported late, or moved.
import { useLayoutEffect, useRef } from '../html.js';
import { windowOnlyGrew } from './window.js';

/** @typedef {{ id: string, top: number }} Anchor */

// `find` answers the first row in view, by what was rendered last, and its distance from the viewport's top; `topOf` the
// same distance of a row by what is rendered now, or null if it is gone. A list that scrolls for another reason `isHeld`.
/**
 * @param {string[]} ids @param {{ current: HTMLElement }} scroller
 * @param {{ find: () => Anchor | null, topOf: (id: string) => number | null, isHeld: () => boolean, onMove?: () => void }} by
 */
export function useAnchor(ids, scroller, { find, topOf, isHeld, onMove }) {
  const held = useRef(ids);
  const anchor = useRef(/** @type {Anchor | null} */ (null));
  if (held.current !== ids) {
    if (scroller.current && !windowOnlyGrew(held.current, ids)) anchor.current = find();
    held.current = ids;
  }
  useLayoutEffect(() => {
    const before = anchor.current;
    anchor.current = null;
    const top = before && !isHeld() ? topOf(before.id) : null;
    if (before === null || top === null || Math.abs(top - before.top) < 1) return;
    scroller.current.scrollTop += top - before.top;
    onMove?.();
  });
}
