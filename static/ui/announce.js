// What a screen reader is told: boundaries only, at most one sentence in three seconds, the newest wins; failures at
// once.
import { html, signal, useEffect, useRef } from '../html.js';

const spacing = 3000;
const said = signal('');
const alarm = signal(null);
let waiting = null;
let timer = null;
let lastAt = 0;

export function announce(sentence) {
  waiting = sentence;
  if (timer) return;
  const wait = Math.max(0, lastAt + spacing - Date.now());
  timer = setTimeout(() => {
    timer = null;
    lastAt = Date.now();
    said.value = waiting;
  }, wait);
}

// A failure that the screen shows already.
export function shout(sentence) {
  alarm.value = { sentence, hidden: true };
}

// Something did not work: said aloud and shown for some seconds.
export function complain(sentence) {
  alarm.value = { sentence };
}

export function Announcer() {
  const shown = alarm.value;
  const timeout = useRef(null);
  useEffect(() => {
    clearTimeout(timeout.current);
    if (shown) timeout.current = setTimeout(() => (alarm.value = null), 8000);
  }, [shown]);
  return html`<div class="announcer">
    <p class="visually-hidden" role="status">${said.value}</p>
    <div role="alert">${shown && html`<p class=${shown.hidden ? 'visually-hidden' : 'toast'}>
      ${shown.sentence}</p>`}</div>
  </div>`;
}
