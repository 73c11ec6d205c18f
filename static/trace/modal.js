// SPDX-License-Identifier: Apache-2.0
// The trace over the page, opened and closed by the URL. It is a native dialog: focus stays inside, Esc closes it, and
// the page behind is inert.
import { cls, focused, html, useElement, useLayoutEffect } from '../html.js';
import { closeTrace } from '../actions.js';
import { Announcer } from '../ui/announce.js';
import { NotFound, Unreachable } from '../ui/notices.js';
import { settings } from '../settings.js';
import { syncRetry, syncRoom } from '../sync.js';
import { useAgentTrace } from '../use-agent-trace.js';
import { TraceView } from './view.js';

const sides = ['above', 'below', 'left', 'right'];

function Skeleton() {
  return html`<div class="trace-loading" aria-busy="true"><h2 id="trace-title" tabindex="-1">Agent Session Trace</h2>
    <p class="faint">Opening the trace…</p><div class="skeleton"></div><div class="skeleton"></div><div
      class="skeleton"></div></div>`;
}

/** @param {{ sessionId: string, highlight?: string }} props */
function Inside({ sessionId, highlight }) {
  const data = useAgentTrace(sessionId);
  // A trace that may no longer be seen is not shown, even where the store still holds it.
  if (data.error) {
    if (data.error.isTemporary)
      return html`<div class="trace-loading"><h2 id="trace-title" tabindex="-1">Agent Session Trace</h2><${Unreachable}
        error=${data.error} onRetry=${() => syncRetry(`session:${sessionId}`)} /></div>`;
    return html`<div class="trace-loading"><h2 id="trace-title" tabindex="-1" class="visually-hidden">Trace</h2>
      <${NotFound}><button type="button" class="button" onClick=${closeTrace}>Close</button><//></div>`;
  }
  if (!data.trace || !data.session) return html`<${Skeleton} />`;
  return html`<${TraceView} key=${sessionId} data=${data} highlight=${highlight} />`;
}

/** @param {{ sessionId: string, highlight?: string }} props */
export function TraceModal({ sessionId, highlight }) {
  /** @type {{ current: HTMLDialogElement }} */
  const dialog = useElement();
  useLayoutEffect(() => syncRoom(`session:${sessionId}`, { highlight, fromEnd: true }), [sessionId]);

  useLayoutEffect(() => {
    const opener = focused();
    const element = dialog.current;
    element.showModal();
    element.querySelector('#trace-title')?.focus({ preventScroll: true });
    document.documentElement.classList.add('has-modal');
    // A browser may close the dialog by itself. The URL must follow.
    const onClose = () => closeTrace();
    element.addEventListener('close', onClose);
    return () => {
      element.removeEventListener('close', onClose);
      element.close();
      document.documentElement.classList.remove('has-modal');
      if (opener?.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);

  /** @param {any} event */
  function onCancel(event) {
    event.preventDefault();
    if (event.target === dialog.current) closeTrace();
  }

  // A press outside closes the dialog. A text selection that ends outside does not.
  /** @param {any} event */
  function onPress(event) {
    if (event.target !== dialog.current) return;
    const box = dialog.current.getBoundingClientRect();
    const outside =
      event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside) closeTrace();
  }

  return html`<dialog class=${cls('trace', { 'is-wide': settings.value.modalView === 'tree' })} aria-labelledby="trace-title" ref=${dialog} onCancel=${onCancel}
    onMouseDown=${onPress}>
    <${Inside} sessionId=${sessionId} highlight=${highlight} />
    <${Announcer} />
    ${sides.map((side) => html`<span key=${side} class=${`veil veil-${side}`}></span>`)}
  </dialog>`;
}
