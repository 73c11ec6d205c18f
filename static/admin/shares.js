// SPDX-License-Identifier: Apache-2.0
// The links by which people outside of the workspace read its sessions: whether there may be any, which there are, and
// their end.
import { html } from '../html.js';
import { tracePageUrl } from '../links.js';
import { workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { ask } from './ask.js';
import { change, Shown, useLoaded } from './data.js';

/** @typedef {{ id: string, sessionId?: string, createdBy: { name: string }, createdAt: string, expiresAt: string }} Share */

/** @param {Share} share @param {() => void} reload */
const revoke = (share, reload) =>
  ask({
    title: `Revoke the link of ${share.createdBy.name}?`,
    text: 'It stops working at once.',
    label: 'Revoke it',
    danger: true,
    run: async () => {
      const words = { done: 'Revoked', failed: 'It was not revoked', stale: reload };
      if (await change('DELETE', `shares/${share.id}`, undefined, words)) reload();
    },
  });

/** @param {boolean} enabled @param {() => void} reload */
async function enable(enabled, reload) {
  const done = enabled ? 'Sessions can be shared' : 'Nothing is shared any more';
  if (await change('PUT', 'shares', { enabled }, { done, failed: 'It was not changed' })) reload();
}

/** @param {boolean} enabled @param {() => void} reload */
function toggle(enabled, reload) {
  if (enabled) return void enable(true, reload);
  ask({
    title: 'Share no sessions?',
    text: 'All links end at once. They do not come back when sharing is allowed again.',
    label: 'End all links',
    danger: true,
    run: () => enable(false, reload),
  });
}

/** @param {{ shares: Share[], reload: () => void }} props */
function Links({ shares, reload }) {
  if (shares.length === 0)
    return html`<p class="faint">There are no links yet. They are made in the head of a trace.</p>`;
  return html`<table class="admin-table"><thead><tr><th scope="col">Made by</th><th scope="col">Session</th>
    <th scope="col">Made</th><th scope="col">Good until</th><th scope="col"><span class="visually-hidden">Actions</span></th>
    </tr></thead><tbody>${shares.map(
      (share) => html`<tr key=${share.id} data-share=${share.id}><th scope="row"><bdi>${share.createdBy.name}</bdi></th>
      <td>${
        share.sessionId
          ? html`<a class="quiet-link" href=${tracePageUrl(workspace.value.id, share.sessionId)}>Open the trace</a>`
          : html`<span class="faint">of a conversation that you are not in</span>`
      }</td>
      <td>${formatWhen(share.createdAt)}</td><td>${formatWhen(share.expiresAt)}</td>
      <td class="admin-side"><button type="button" class="button button-small" onClick=${() => revoke(share, reload)}
        aria-label=${`Revoke the link of ${share.createdBy.name}, ${formatWhen(share.createdAt)}`}>Revoke</button></td></tr>`,
    )}</tbody></table>`;
}

export function Shares() {
  const list = useLoaded('shares');
  const { shares = [], enabled = true } = list.data ?? {};
  return html`<h2>Links to sessions</h2><${Shown} list=${list}>
    <p>Whoever may post in a conversation can make a link by which anybody reads one of its sessions, without signing in.</p>
    <p><label class="choice"><input type="checkbox" role="switch" checked=${enabled}
      onClick=${(/** @type {any} */ event) => {
        event.preventDefault();
        toggle(!enabled, list.reload);
      }} /><span>Sessions can be shared by links</span></label></p>
    <${Links} shares=${shares} reload=${list.reload} /><//>`;
}
