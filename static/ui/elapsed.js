// SPDX-License-Identifier: Apache-2.0
// A time that counts up. It ends when the server says how long the thing took.
import { html, useEffect } from '../html.js';
import { quietText } from '../trace/phase.js';
import { formatElapsed, serverNow, tickerNow, tickerUse } from '../time.js';

/** @param {string} since */
export function useNow(since) {
  const speed = serverNow() - Date.parse(since) < 60000 ? 'fast' : 'slow';
  useEffect(() => tickerUse(speed), [speed]);
  return tickerNow(speed) || serverNow();
}

/** @param {{ since: string }} props */
export function Elapsed({ since }) {
  const now = useNow(since);
  return html`<span class="elapsed">${formatElapsed(now - Date.parse(since))}</span>`;
}

// Counts the silence of a session whose agent sends no heartbeats; nothing while it is not worth a word.
/** @param {{ session: Session, lastAt: number }} props */
export function Quiet({ session, lastAt }) {
  const text = quietText(session, useNow(new Date(lastAt).toISOString()), lastAt);
  return text ? html`<span class="sep"> • </span><span class="quiet-for">${text}</span>` : null;
}
