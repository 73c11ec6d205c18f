// SPDX-License-Identifier: Apache-2.0
// Two sessions with their steps, as they are now.
import { useEffect, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { workspace } from '../store.js';

// Beyond this many steps of a session the first ones are compared.
export const mostSteps = 5000;
const pageSize = 500;

/** @typedef {{ session: Session, steps: Step[], isCut: boolean }} Side */

/** @param {string} id @param {AbortSignal} signal @returns {Promise<Side>} */
async function loadSide(id, signal) {
  /** @type {Step[]} */
  const steps = [];
  for (let after; ; ) {
    const path = `/workspaces/${workspace.peek().id}/agent-sessions/${id}${apiQuery({ limit: pageSize, after })}`;
    const page = await apiGet(path, { signal });
    steps.push(...page.steps);
    after = page.nextAfter;
    if (!after || steps.length >= mostSteps) return { session: page.session, steps, isCut: Boolean(after) };
  }
}

/** @param {string} left @param {string} right */
export function useSides(left, right) {
  const [sides, setSides] = useState(/** @type {[Side, Side] | null} */ (null));
  const [error, setError] = useState(/** @type {ApiError | null} */ (null));
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setSides(null);
    setError(null);
    Promise.all([loadSide(left, controller.signal), loadSide(right, controller.signal)]).then(setSides, (problem) => {
      if (problem.name !== 'AbortError') setError(problem);
    });
    return () => controller.abort();
  }, [left, right, tries]);
  return { sides, error, retry: () => setTries((n) => n + 1) };
}
