// SPDX-License-Identifier: Apache-2.0
// With which session a trace is compared: its other attempts first, then others of the same agent.
import { html, useEffect, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { compareUrl } from '../links.js';
import { related, workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { PopoverButton } from '../ui/popover.js';
import { outcomes, sessionTitle } from './phase.js';

/** @param {{ session: Session, close: () => void }} props */
function Choices({ session, close }) {
  const [others, setOthers] = useState(/** @type {Session[] | null} */ (null));
  const attempts = (related.get(session.id) ?? []).filter(({ id }) => id !== session.id);
  useEffect(() => {
    const path = `/workspaces/${workspace.peek().id}/agent-sessions${apiQuery({ personaId: session.personaId, limit: 15 })}`;
    apiGet(path).then(
      (data) => setOthers(data.sessions),
      () => setOthers([]),
    );
  }, [session.id]);
  const chain = new Set([session.id, ...attempts.map(({ id }) => id)]);
  const rest = (others ?? []).filter(({ id }) => !chain.has(id));
  /** @param {string} id @param {string} name @param {string} more */
  const link = (id, name, more) =>
    html`<li key=${id}><a class="menu-item" href=${compareUrl(session.workspaceId, session.id, id)} onClick=${close}><span>
      <bdi>${name}</bdi><span class="compare-sub">${more}</span></span></a></li>`;
  const asAttempt = (/** @type {RelatedSession} */ { id, attempt, status }) =>
    link(id, `Attempt ${attempt}`, outcomes[status] ?? status);
  const asSession = (/** @type {Session} */ one) =>
    link(
      one.id,
      sessionTitle(one),
      `${formatWhen(one.startedAt ?? one.createdAt)}, ${outcomes[one.status] ?? one.status}`,
    );
  return html`<div class="compare-menu">
    ${attempts.length > 0 && html`<h3>Other attempts</h3><ul>${attempts.map(asAttempt)}</ul>`}
    <h3>Other sessions of <bdi>${session.persona.name}</bdi></h3>
    ${others === null ? html`<p class="faint" aria-busy="true">Loading…</p>` : rest.length > 0 ? html`<ul>${rest.map(asSession)}</ul>` : html`<p class="faint">There are none.</p>`}
  </div>`;
}

/** @param {{ session: Session }} props */
export const CompareButton = ({ session }) =>
  html`<${PopoverButton} label="Compare with another session" icon="compare"
    content=${(/** @type {() => void} */ close) => html`<${Choices} session=${session} close=${close} />`} />`;
