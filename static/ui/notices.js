// SPDX-License-Identifier: Apache-2.0
// What a view says when it has nothing to show: it does not exist, it cannot be reached, or there is nothing yet.
import { html, useEffect } from '../html.js';
import { Icon } from '../icons.js';
import { settings, settingsSet } from '../settings.js';
import { slotCount, slotsAreUncounted } from '../slots.js';
import { away, newBuild } from '../store.js';

/** @param {{ children?: import('preact').ComponentChildren }} props */
export function NotFound({ children }) {
  return html`<section class="nothing"><${Icon} name="lock" size=${28} />
    <p class="nothing-text">This does not exist, or you may not see it.</p>
    <p>${children}</p></section>`;
}

const again = 3000;

// Asks again a while after a failure that may pass, as Unreachable says, for whoever does not do so anyway.
/** @param {ApiError | null} error @param {() => void} retry */
export function useRetry(error, retry) {
  useEffect(() => {
    if (!error?.isTemporary) return undefined;
    const timer = setTimeout(retry, again);
    return () => clearTimeout(timer);
  }, [error]);
}

/** @param {{ error: ApiError, onRetry?: (() => void) }} props */
export function Unreachable({ error, onRetry }) {
  return html`<section class="nothing"><${Icon} name="alert" size=${28} />
    <p class="nothing-text">${error.message}.${error.isTemporary ? ' Trying again…' : ''}</p>
    ${onRetry && html`<p><button type="button" class="button" onClick=${onRetry}>Try now</button></p>`}</section>`;
}

/** @param {{ icon?: string, title: string, children?: import('preact').ComponentChildren }} props */
export function Empty({ icon = 'thinking', title, children }) {
  return html`<section class="nothing"><${Icon} name=${icon} size=${28} /><p class="nothing-text">${title}</p><p
    class="faint">${children}</p></section>`;
}

// The state of the connection, when it is worth a sentence.
export function ConnectionBar() {
  if (newBuild.value)
    return html`<p class="bar bar-gold" role="status">A new version is here. <button type="button" class="quiet-link"
      onClick=${() => location.reload()}>Reload</button></p>`;
  if (away.value === 'crowded')
    return html`<p class="bar" role="status">Too many windows of this page are open: this one is not live. Close some.</p>`;
  if (slotsAreUncounted() && !settings.value.windowsNoticed)
    return html`<p class="bar" role="status">Without https this browser cannot count its windows of this page: keep at
      most ${slotCount} open, or the server cannot be reached. <button type="button" class="quiet-link"
      onClick=${() => settingsSet({ windowsNoticed: true })}>Got it</button></p>`;
  if (away.value === 'lost') return html`<p class="bar" role="status">Not live at the moment. Reconnecting…</p>`;
  return null;
}
