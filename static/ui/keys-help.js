// The keys, over the trace.
import { html, useEffect, useLayoutEffect, useRef } from '../html.js';
import { traceKeys } from '../trace/keys.js';

export function KeysHelp({ onClose }) {
  const dialog = useRef(null);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current.showModal();
    return () => opener?.isConnected && opener.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    const element = dialog.current;
    const stop = (event) => event.stopPropagation();
    element.addEventListener('keydown', stop);
    return () => element.removeEventListener('keydown', stop);
  }, []);
  return html`<dialog class="help" aria-labelledby="help-title" ref=${dialog} onCancel=${(event) => { event.stopPropagation(); event.preventDefault(); onClose(); }}>
    <h2 id="help-title">Keys in the trace</h2>
    <dl class="keys">${traceKeys.map(([key, meaning]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${meaning}</dd></div>`)}</dl>
    <p><button type="button" class="button" onClick=${onClose}>Close</button></p>
  </dialog>`;
}
