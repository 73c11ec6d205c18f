// What a view says when it has nothing to show: not there, not reachable, nothing yet.
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { away, newBuild } from '../store.js';

export function NotFound({ children }) {
  return html`<section class="nothing"><${Icon} name="lock" size=${28} />
    <p class="nothing-text">This does not exist, or you may not see it.</p>
    <p>${children}</p></section>`;
}

export function Unreachable({ error, onRetry }) {
  return html`<section class="nothing"><${Icon} name="alert" size=${28} />
    <p class="nothing-text">${error.message}.${error.isTemporary ? ' Trying again…' : ''}</p>
    ${onRetry && html`<p><button type="button" class="button" onClick=${onRetry}>Try now</button></p>`}</section>`;
}

export function Empty({ icon = 'thinking', title, children }) {
  return html`<section class="nothing"><${Icon} name=${icon} size=${28} /><p class="nothing-text">${title}</p><p
    class="faint">${children}</p></section>`;
}

// The state of the line to the server, only when it is worth a sentence.
export function ConnectionBar() {
  if (newBuild.value)
    return html`<p class="bar bar-gold" role="status">A new version is here. <button type="button" class="quiet-link"
      onClick=${() => location.reload()}>Reload</button></p>`;
  if (away.value === 'crowded')
    return html`<p class="bar" role="status">Too many windows of this page are open: this one is not live. Close some.</p>`;
  if (away.value === 'lost') return html`<p class="bar" role="status">Not live at the moment. Reconnecting…</p>`;
  return null;
}
