// SPDX-License-Identifier: Apache-2.0
// Inviting people by a link, and those who have not come yet.
import { html, useState } from '../html.js';
import { CopyButton } from '../content/copy.js';
import { absolute } from '../links.js';
import { formatWhen, serverNow } from '../time.js';
import { ask } from './ask.js';
import { change, useLoaded } from './data.js';

/** @param {PendingInvite} invite */
const isOver = (invite) => Date.parse(invite.expiresAt) <= serverNow();

/** @param {PendingInvite} invite @param {() => void} reload */
const withdraw = (invite, reload) =>
  ask({
    title: `Withdraw the invitation of ${invite.email}?`,
    text: 'The link is good for nothing afterwards.',
    label: 'Withdraw it',
    danger: true,
    run: async () => {
      const words = { done: 'Withdrawn', failed: 'It was not withdrawn', stale: reload };
      if (await change('DELETE', `invites/${invite.id}`, undefined, words)) reload();
    },
  });

/** @param {{ list: any, reload: () => void }} props */
function Pending({ list, reload }) {
  return html`<h2>Invited, not here yet</h2><table class="admin-table"><thead><tr><th scope="col">Address</th>
    <th scope="col">Role</th><th scope="col">Invited by</th><th scope="col">Good until</th>
    <th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead><tbody>${list.map(
      (/** @type {PendingInvite} */ invite) => html`<tr key=${invite.id}><th scope="row"><bdi>${invite.email}</bdi></th>
      <td>${invite.role === 'admin' ? 'Admin' : 'Member'}</td><td><bdi>${invite.invitedBy.name}</bdi></td>
      <td>${isOver(invite) ? html`<span class="tag tag-warning">over</span>` : formatWhen(invite.expiresAt)}</td>
      <td class="admin-side"><button type="button" class="button button-small"
        aria-label=${`Withdraw the invitation of ${invite.email}`} onClick=${() => withdraw(invite, reload)}>Withdraw</button></td></tr>`,
    )}</tbody></table>`;
}

export function Invites() {
  const list = useLoaded('invites');
  const [made, setMade] = useState(/** @type {{ email: string, link: string } | null} */ (null));
  /** @param {any} event */
  async function invite(event) {
    event.preventDefault();
    const form = event.target;
    const { email, role } = Object.fromEntries(new FormData(form));
    const words = { done: 'The link is made', failed: 'The link was not made' };
    const answer = await change('POST', 'invites', { email: String(email).trim(), role }, words);
    if (!answer) return;
    setMade({ email: answer.invite.email, link: absolute(`/invite/${answer.invite.id}#${answer.secret}`) });
    form.reset();
    list.reload();
  }
  return html`<h2>Invite a person</h2>
    <form class="admin-row" onSubmit=${invite}>
      <label class="field"><span>E-mail address</span><input type="email" name="email" required maxlength="200" autocomplete="off" /></label>
      <label class="field"><span>Role</span><select name="role"><option value="member">Member</option>
        <option value="admin">Admin</option></select></label>
      <button type="submit" class="button button-primary">Make a link</button></form>
    ${
      made &&
      html`<p class="admin-secret" role="status">Send this to ${made.email}: <code>${made.link}</code>
      <${CopyButton} text=${() => made.link} label="Copy the link" />
      <span class="faint">It is shown only now, and good once, for seven days.</span></p>`
    }
    ${list.data?.invites.length > 0 && html`<${Pending} list=${list.data.invites} reload=${list.reload} />`}`;
}
