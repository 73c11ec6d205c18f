// SPDX-License-Identifier: Apache-2.0
// The trace as a page of its own: /w/{ws}/trace/{session}/{step}. It is made of the same parts as the trace over a
// conversation.
import { html, useLayoutEffect } from '../html.js';
import { sessionsUrl } from '../links.js';
import { syncRetry, syncRoom } from '../sync.js';
import { workspace } from '../store.js';
import { NotFound, Unreachable } from '../ui/notices.js';
import { useAgentTrace } from '../use-agent-trace.js';
import { TraceView } from './view.js';

/** @param {{ sessionId: string, stepId: string | undefined }} props */
export function TracePage({ sessionId, stepId }) {
  useLayoutEffect(() => syncRoom(`session:${sessionId}`, { highlight: stepId, fromEnd: true }), [sessionId]);
  const data = useAgentTrace(sessionId);
  if (data.error)
    return html`<section class="pane"><h1 class="visually-hidden" id="trace-title" tabindex="-1">Trace</h1>${
      data.error.isTemporary
        ? html`<${Unreachable} error=${data.error} onRetry=${() => syncRetry(`session:${sessionId}`)} />`
        : html`<${NotFound}><a class="button" href=${sessionsUrl(workspace.value.id)}>To the sessions</a><//>`
    }</section>`;
  if (!data.trace || !data.session)
    return html`<section class="pane trace-loading" aria-busy="true"><h1 id="trace-title" tabindex="-1">Trace</h1><p
      class="faint">Opening the trace…</p><div class="skeleton"></div><div class="skeleton"></div></section>`;
  return html`<section class="trace-page" aria-labelledby="trace-title"><${TraceView} key=${sessionId} data=${data}
    highlight=${stepId} isPage /></section>`;
}
