// SPDX-License-Identifier: Apache-2.0
// The page of a share: the trace as its readers in the workspace see it, without anything that could be done to it.
import { html, useEffect } from '../html.js';
import { Icon } from '../icons.js';
import { formatWhen } from '../time.js';
import { sessionTitle } from '../trace/phase.js';
import { Announcer } from '../ui/announce.js';
import { helpOpen, KeysHelp } from '../ui/keys-help.js';
import { lazy } from '../ui/lazy.js';
import { Unreachable } from '../ui/notices.js';
import { useAgentTrace } from '../use-agent-trace.js';
import { problem, shared } from './feed.js';

// Requested at once, beside the data that it will show.
const TraceView = lazy(async () => (await import('../trace/view.js')).TraceView, 'The trace');
void TraceView.load();

function Gone() {
  return html`<section class="nothing"><h1 class="visually-hidden">Shared session</h1><${Icon} name="lock" size=${28} />
    <p class="nothing-text">This link shows nothing.</p>
    <p class="faint">It has ended, was revoked, or is not complete. Whoever sent it can make another one.</p></section>`;
}

/** @param {{ sessionId: string, expiresAt: string, stepId: string | undefined }} props */
function Shared({ sessionId, expiresAt, stepId }) {
  const data = useAgentTrace(sessionId);
  const title = data.session && sessionTitle(data.session);
  useEffect(() => {
    document.title = `${title ?? 'Shared session'} · Agent Trace`;
  }, [title]);
  if (!data.trace || !data.session) return html`<p class="faint" aria-busy="true">Opening…</p>`;
  return html`<p class="share-bar"><${Icon} name="link" size=${14} /><span>Shared by a link, read only
      <span class="sep"> • </span> until <time datetime=${expiresAt}>${formatWhen(expiresAt)}</time></span></p>
    <section class="trace-page" aria-labelledby="trace-title"><${TraceView} key=${sessionId} data=${data}
      highlight=${stepId} isPage /></section>`;
}

/** @param {{ stepId: string | undefined }} props */
export function ShareView({ stepId }) {
  const share = shared.value;
  const error = problem.value;
  const inside = share
    ? html`<${Shared} sessionId=${share.sessionId} expiresAt=${share.expiresAt} stepId=${stepId} />`
    : !error
      ? html`<p class="faint" aria-busy="true">Opening…</p>`
      : error.isTemporary
        ? html`<${Unreachable} error=${error} />`
        : html`<${Gone} />`;
  return html`<main class=${share ? 'share' : 'alone'}>${inside}</main><${Announcer} />
    ${helpOpen.value && html`<${KeysHelp} />`}`;
}
