// SPDX-License-Identifier: Apache-2.0
// How a timeline grows upwards: older pages while its top is near, and the way back to the message that a link names.
import { useEffect, useLayoutEffect, useRef, useState } from '../html.js';
import { loadOlder, loadTowards } from '../load.js';
import { workspace } from '../store.js';

/** @typedef {ReturnType<typeof usePages>} Pages */

const near = 400;
const patience = 3000;

// One page is requested at a time. Callers that want another one look again when it has arrived, or some time after a
// failure.
export function usePages() {
  const busy = useRef(false);
  const [tries, setTries] = useState(0);
  /** @param {() => Promise<(() => void) | undefined>} load */
  async function take(load) {
    if (busy.current) return;
    busy.current = true;
    try {
      const commit = await load();
      busy.current = false;
      if (!commit) return;
      commit();
      setTries((n) => n + 1);
    } catch (error) {
      busy.current = false;
      if (error.isTemporary) setTimeout(() => setTries((n) => n + 1), patience);
    }
  }
  return { take, tries };
}

// Older pages are fetched while the top is near, also when the fetched ones do not fill the screen. What is on the
// screen stays where it is.
/** @param {{ streamId: string, timeline: Timeline | undefined, scroller: { current: HTMLElement }, pages: Pages }} options */
export function useOlder({ streamId, timeline, scroller, pages }) {
  const keep = useRef(/** @type {number | null} */ (null));
  useLayoutEffect(() => {
    if (keep.current === null) return;
    scroller.current.scrollTop = scroller.current.scrollHeight - keep.current;
    keep.current = null;
  }, [timeline]);
  function older() {
    const element = scroller.current;
    if (!timeline?.hasBefore || element.scrollTop > near) return;
    pages.take(async () => {
      const commit = await loadOlder(workspace.peek().id, streamId);
      return () => {
        keep.current = element.scrollHeight - element.scrollTop;
        commit();
      };
    });
  }
  useEffect(older, [timeline, pages.tries]);
  return older;
}

// Returns whether the target does not exist.
/**
 * @param {{ target: string | undefined, streamId: string, timeline: Timeline | undefined, scroller: { current: HTMLElement },
 *   follow: Follow, pages: Pages }} options
 */
export function useTarget({ target, streamId, timeline, scroller, follow, pages }) {
  const done = useRef(/** @type {string | null} */ (null));
  const [missing, setMissing] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    if (!target || !timeline || done.current === target) return;
    const element = scroller.current.querySelector(`[data-message="${CSS.escape(target)}"]`);
    if (element) {
      done.current = target;
      follow.setFollowing(false);
      element.scrollIntoView({ block: 'center' });
      element.focus({ preventScroll: true });
      return;
    }
    pages.take(async () => {
      try {
        return await loadTowards(workspace.peek().id, streamId, target);
      } catch (error) {
        if (error.isTemporary) throw error;
        done.current = target;
        setMissing(target);
        return undefined;
      }
    });
  }, [target, timeline, pages.tries]);
  return missing !== null && missing === target;
}
