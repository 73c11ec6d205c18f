// SPDX-License-Identifier: Apache-2.0
// The workspace's people: who they are, what they may, and whether they can sign in.
import { html } from '../html.js';
import { me } from '../store.js';
import { formatWhen } from '../time.js';
import { Avatar } from '../ui/avatar.js';
import { MenuButton } from '../ui/popover.js';
import { ask } from './ask.js';
import { change, Shown, useLoaded } from './data.js';
import { Invites } from './invites.js';

/** @typedef {AdministeredPerson} Person @typedef {() => void} Reload */

/** @param {Person} person @param {Reload} reload */
const rename = (person, reload) =>
  ask({
    title: `Rename ${person.name}`,
    label: 'Rename',
    fields: [{ name: 'name', label: 'Name', value: person.name, required: true }],
    run: async ({ name }, refuse) => {
      const words = { done: `${name} it is`, failed: 'The name was not changed', refuse };
      if (await change('PATCH', `people/${person.id}`, { name }, words)) reload();
    },
  });

/** @param {Person} person @param {Reload} reload */
function setRole(person, reload) {
  const role = person.role === 'admin' ? 'member' : 'admin';
  const what = role === 'admin' ? 'an admin' : 'a member';
  ask({
    title: `Make ${person.name} ${what}?`,
    text:
      role === 'admin'
        ? 'Admins invite and remove people, make tokens, and see this page.'
        : 'Members do not administer the workspace. Their conversations stay as they are.',
    label: `Make ${person.name} ${what}`,
    run: async () => {
      const words = { done: `${person.name} is ${what}`, failed: 'The role was not changed', stale: reload };
      if (await change('PATCH', `people/${person.id}`, { role }, words)) reload();
    },
  });
}

/** @param {Person} person @param {Reload} reload @param {string} verb @param {{ title: string, text: string, done: string }} words */
const act = (person, reload, verb, { title, text, done }) =>
  ask({
    title: `${title}?`,
    text,
    label: title,
    danger: verb !== 'activate',
    run: async () => {
      const words = { done, failed: 'Nothing was changed', stale: reload };
      if (await change('POST', `people/${person.id}/${verb}`, undefined, words)) reload();
    },
  });

/** @param {Person} person @param {Reload} reload */
function items(person, reload) {
  const { name } = person;
  const isOneself = person.id === me.peek().id;
  return [
    { id: 'rename', label: 'Rename', icon: 'pad', run: () => rename(person, reload) },
    {
      id: 'role',
      label: person.role === 'admin' ? 'Make a member' : 'Make an admin',
      icon: 'lock',
      run: () => setRole(person, reload),
    },
    !isOneself && {
      id: 'sign-out',
      label: 'Sign out everywhere',
      icon: 'leave',
      run: () =>
        act(person, reload, 'sign-out', {
          title: `Sign ${name} out everywhere`,
          text: 'All sign-ins end at once. They can sign in again.',
          done: `${name} is signed out`,
        }),
    },
    !isOneself && !person.deactivatedAt
      ? {
          id: 'deactivate',
          label: 'Deactivate',
          icon: 'stop',
          danger: true,
          run: () =>
            act(person, reload, 'deactivate', {
              title: `Deactivate ${name}`,
              text: 'They are signed out and cannot sign in. What they wrote stays.',
              done: `${name} is deactivated`,
            }),
        }
      : !isOneself && {
          id: 'activate',
          label: 'Activate',
          icon: 'check',
          run: () =>
            act(person, reload, 'activate', {
              title: `Activate ${name}`,
              text: 'They can sign in again.',
              done: `${name} is active`,
            }),
        },
  ].filter(Boolean);
}

/** @param {{ person: Person, reload: Reload }} props */
function Row({ person, reload }) {
  return html`<tr data-person=${person.id}><th scope="row"><span class="admin-who"><${Avatar} who=${person} size="small" />
      <span><bdi class="admin-name">${person.name}</bdi><span class="faint admin-note">${person.email}</span></span></span></th>
    <td>${person.role === 'admin' ? 'Admin' : 'Member'}</td>
    <td>${person.lastSeenAt ? html`<time datetime=${person.lastSeenAt}>${formatWhen(person.lastSeenAt)}</time>` : html`<span class="faint">never</span>`}</td>
    <td>${person.deactivatedAt ? html`<span class="tag tag-danger">deactivated</span>` : html`<span class="tag">active</span>`}
      ${person.elsewhere && html` <span class="tag" title="Their account is in other workspaces, too">elsewhere, too</span>`}</td>
    <td class="admin-side"><${MenuButton} label=${`Change ${person.name}`} icon="more" items=${() => items(person, reload)} /></td></tr>`;
}

export function People() {
  const list = useLoaded('people');
  return html`<${Invites} /><h2>In the workspace</h2>
    <${Shown} list=${list}><table class="admin-table"><thead><tr><th scope="col">Person</th><th scope="col">Role</th>
      <th scope="col">Last seen</th><th scope="col">State</th>
      <th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
      <tbody>${list.data?.people.map((/** @type {Person} */ person) => html`<${Row} key=${person.id} person=${person} reload=${list.reload} />`)}
      </tbody></table><//>`;
}
