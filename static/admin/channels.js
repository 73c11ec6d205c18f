// SPDX-License-Identifier: Apache-2.0
// The workspace's channels and who is in them. A private channel that the admin is not in is counted, and no more.
import { html, useState } from '../html.js';
import { Icon } from '../icons.js';
import { streamUrl } from '../links.js';
import { workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { MembersDialog } from '../ui/members-dialog.js';
import { Shown, useLoaded } from './data.js';

/** @typedef {{ id: string, name: string, private: boolean, createdAt: string, memberCount: number }} Channel */

export function Channels() {
  const list = useLoaded('channels');
  const [open, setOpen] = useState(/** @type {Channel | null} */ (null));
  const hidden = list.data?.hiddenCount ?? 0;
  return html`<h2>Channels</h2><${Shown} list=${list}>
    <table class="admin-table"><thead><tr><th scope="col">Channel</th><th scope="col">Who sees it</th><th scope="col">Made</th>
      <th scope="col" class="is-number">Members</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
      <tbody>${list.data?.channels.map(
        (/** @type {Channel} */ channel) => html`<tr key=${channel.id} data-channel=${channel.id}><th scope="row">
        <a class="quiet-link admin-channel" href=${streamUrl(workspace.value.id, channel.id)}><${Icon} name=${channel.private ? 'lock' : 'hash'}
          size=${14} /><bdi>${channel.name}</bdi></a></th>
        <td>${channel.private ? 'Its members' : 'Everybody here'}</td><td>${formatWhen(channel.createdAt)}</td>
        <td class="is-number">${channel.memberCount}</td>
        <td class="admin-side"><button type="button" class="button button-small" aria-label=${`Members of ${channel.name}`}
          onClick=${() => setOpen(channel)}>Members</button></td></tr>`,
      )}</tbody></table>
    ${
      hidden > 0 &&
      html`<p class="faint">${hidden === 1 ? 'There is one private channel' : `There are ${hidden} private channels`} that
      you are not in. Only whoever is in adds people there.</p>`
    }<//>
    ${
      open &&
      html`<${MembersDialog} stream=${open} onClose=${() => {
        setOpen(null);
        list.reload();
      }} />`
    }`;
}
