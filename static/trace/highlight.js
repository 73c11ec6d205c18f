// SPDX-License-Identifier: Apache-2.0
// A link to a step: the view scrolls to it once per URL, flashes and focuses it. A reader who scrolls first wins.
import { useEffect, useRef, useState } from '../html.js';

const flashFor = 1500;
const gestures = ['wheel', 'touchmove', 'keydown'];

/** @param {Trace} trace @param {string} highlight */
function find(trace, highlight) {
  if (highlight.startsWith('stp_')) return trace.byId.get(highlight);
  return trace.metas.find((meta) => meta.messageId === highlight);
}

/**
 * @param {{ highlight?: string, trace: Trace, scroller: { current: HTMLElement }, selected: string | null,
 *   show: (id: string, options?: { focus?: boolean }) => void }} options
 */
export function useHighlight({ highlight, trace, scroller, selected, show }) {
  const done = useRef(/** @type {string | null | undefined} */ (null));
  const cancelled = useRef(/** @type {string | null | undefined} */ (null));
  const [flashId, flash] = useState(/** @type {string | null} */ (null));
  const found = highlight ? find(trace, highlight) : null;

  useEffect(() => {
    const cancel = () => (cancelled.current = highlight);
    const element = scroller.current;
    if (!element) return undefined;
    for (const type of gestures) element.addEventListener(type, cancel, { passive: true });
    return () => gestures.forEach((type) => element.removeEventListener(type, cancel));
  }, [highlight, scroller.current]);

  useEffect(() => {
    if (!found || done.current === highlight) return undefined;
    done.current = highlight;
    // The address follows what the reader selected; only a link leads anywhere.
    if (cancelled.current === highlight || found.id === selected) return undefined;
    show(found.id);
    flash(found.id);
    const timer = setTimeout(() => flash(null), flashFor);
    return () => clearTimeout(timer);
  }, [highlight, found?.id]);

  return { flashId, missing: Boolean(highlight) && !found && trace.complete };
}
