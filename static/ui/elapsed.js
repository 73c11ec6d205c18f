// A time that counts. It ends when the server says how long it took.
import { html, useEffect } from '../html.js';
import { formatElapsed, serverNow, tickerNow, tickerUse } from '../time.js';

export function useNow(since) {
  const speed = serverNow() - Date.parse(since) < 60000 ? 'fast' : 'slow';
  useEffect(() => tickerUse(speed), [speed]);
  return tickerNow(speed) || serverNow();
}

export function Elapsed({ since }) {
  const now = useNow(since);
  return html`<span class="elapsed">${formatElapsed(now - Date.parse(since))}</span>`;
}
