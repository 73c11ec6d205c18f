// SPDX-License-Identifier: Apache-2.0
// What a screen reader is told: boundaries only, at most one sentence in three seconds, of which the newest wins.
// Failures are spoken at once.
import { html, signal, useEffect, useRef } from '../html.js';

const spacing = 3000;
const said = signal('');
/** @type {Signal<{ sentence: string, hidden?: boolean } | null>} */
const alarm = signal(null);
let waiting = '';
/** @type {Timer} */
let timer;
let lastAt = 0;

/** @param {string} sentence */
export function announce(sentence) {
  waiting = sentence;
  if (timer) return;
  const wait = Math.max(0, lastAt + spacing - Date.now());
  timer = setTimeout(() => {
    timer = undefined;
    lastAt = Date.now();
    said.value = waiting;
  }, wait);
}

// Speaks of a failure that the screen shows already.
/** @param {string} sentence */
export function shout(sentence) {
  alarm.value = { sentence, hidden: true };
}

// Says aloud that something did not work, and shows it for some seconds.
/** @param {string} sentence */
export function complain(sentence) {
  alarm.value = { sentence };
}

export function Announcer() {
  const shown = alarm.value;
  const timeout = useRef(/** @type {Timer} */ (undefined));
  useEffect(() => {
    clearTimeout(timeout.current);
    if (shown) timeout.current = setTimeout(() => (alarm.value = null), 8000);
  }, [shown]);
  return html`<div class="announcer">
    <p class="visually-hidden" role="status">${said.value}</p>
    <div role="alert">${
      shown &&
      html`<p class=${shown.hidden ? 'visually-hidden' : 'toast'}>
      ${shown.sentence}</p>`
    }</div>
  </div>`;
}
