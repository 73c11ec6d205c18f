// SPDX-License-Identifier: Apache-2.0
// The list of keys, over whatever is open.
import { focused, html, signal, useEffect, useElement, useLayoutEffect } from '../html.js';
import { traceKeys } from '../trace/keys.js';

export const helpOpen = signal(false);

export function KeysHelp() {
  /** @type {{ current: HTMLDialogElement }} */
  const dialog = useElement();
  const onClose = () => (helpOpen.value = false);
  useLayoutEffect(() => {
    const opener = focused();
    const element = dialog.current;
    element.showModal();
    return () => {
      element.close();
      if (opener?.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    const element = dialog.current;
    /** @param {any} event */
    const stop = (event) => event.stopPropagation();
    element.addEventListener('keydown', stop);
    return () => element.removeEventListener('keydown', stop);
  }, []);
  return html`<dialog class="help" aria-labelledby="help-title" ref=${dialog} onCancel=${(event) => {
    event.stopPropagation();
    event.preventDefault();
    onClose();
  }}>
    <h2 id="help-title">Keys</h2>
    <p class="faint">In the trace. Arrow keys also walk through messages, lists and menus.</p>
    <dl class="keys">${traceKeys.map(
      ([key, meaning]) => html`<div><dt><kbd>${key}</kbd></dt><dd>
      ${meaning}</dd></div>`,
    )}</dl>
    <p><button type="button" class="button" onClick=${onClose}>Close</button></p>
  </dialog>`;
}
