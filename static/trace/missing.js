// SPDX-License-Identifier: Apache-2.0
// Steps that are shown but not loaded are fetched by the page, one request per page at a time.
import { useEffect, useRef, useState } from '../html.js';
import { loadStepsAround } from '../load.js';
import { steps, workspace } from '../store.js';

const wait = 60;
const again = 3000;

// Whether a step is not loaded, or older than the outline says.
/** @param {Meta} meta */
const isLacking = (meta) => (steps.peek(meta.id)?.seq ?? -1) < meta.seq;

// It waits a moment for a reader who scrolls on, but not for the list to be still: while text streams it never is.
/** @param {string} sessionId @param {Meta[]} shown */
export function useMissingPages(sessionId, shown) {
  const asked = useRef(new Set());
  const latest = useRef(shown);
  const timer = useRef(/** @type {Timer} */ (undefined));
  const [, look] = useState({});
  latest.current = shown;
  useEffect(() => {
    if (timer.current !== undefined || !shown.some(isLacking)) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const missing = latest.current.filter(isLacking);
      const middle = missing[Math.floor(missing.length / 2)];
      if (!middle) return;
      const page = Math.floor(middle.number / 50);
      if (asked.current.has(page)) return;
      asked.current.add(page);
      loadStepsAround(workspace.peek().id, sessionId, middle.id).then(
        () => asked.current.delete(page),
        // Nothing else may happen that would make the list look for it again.
        () =>
          setTimeout(() => {
            asked.current.delete(page);
            look({});
          }, again),
      );
    }, wait);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
