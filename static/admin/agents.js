// SPDX-License-Identifier: Apache-2.0
// Agents: the personas under which they are known in the workspace.
import { html } from '../html.js';
import { personaIds, personas, putPersonas } from '../store.js';
import { Avatar } from '../ui/avatar.js';
import { personaTrouble } from '../trace/phase.js';
import { ask } from './ask.js';
import { change } from './data.js';

/** @param {Persona} next */
function keep(next) {
  const all = personaIds.peek().map((id) => (id === next.id ? next : personas.peek(id)));
  if (!personaIds.peek().includes(next.id)) all.push(next);
  putPersonas(/** @type {Persona[]} */ (all.filter(Boolean)));
}

/** @param {Persona} persona */
const edit = (persona) =>
  ask({
    title: `Change ${persona.name}`,
    text: `People call by @${persona.slug}, which stays.`,
    label: 'Save',
    fields: [
      { name: 'name', label: 'Name', value: persona.name, required: true },
      { name: 'avatar', label: 'Letters or emoji', value: persona.avatar, required: true, most: 8 },
      { name: 'description', label: 'What it does', value: persona.description, lines: 3, most: 600 },
    ],
    run: async (values, refuse) => {
      const words = { done: `${values.name} is saved`, failed: 'It was not saved', refuse };
      const answer = await change('PATCH', `personas/${persona.id}`, values, words);
      if (answer) keep(answer.persona);
    },
  });

/** @param {{ persona: Persona }} props */
function Row({ persona }) {
  const trouble = personaTrouble(persona);
  return html`<tr data-persona=${persona.id}><th scope="row"><span class="admin-who"><${Avatar} who=${persona} size="small" />
      <span><bdi class="admin-name">${persona.name}</bdi><span class="faint admin-note">@${persona.slug}</span></span></span></th>
    <td class="admin-wide"><bdi>${persona.description ?? ''}</bdi></td>
    <td>${trouble ? html`<span class="tag tag-warning">${trouble}</span>` : html`<span class="tag">connected</span>`}</td>
    <td class="admin-side"><button type="button" class="button button-small" aria-label=${`Change ${persona.name}`}
      onClick=${() => edit(persona)}>Change</button></td></tr>`;
}

/** @param {any} event */
async function make(event) {
  event.preventDefault();
  const form = event.target;
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => String(value).trim() !== ''));
  const words = { done: `${values.name} is made`, failed: 'The agent was not made' };
  const answer = await change('POST', 'personas', values, words);
  if (!answer) return;
  keep(answer.persona);
  form.reset();
}

export function Agents() {
  const list = personaIds.value.map((id) => personas.get(id)).filter((persona) => persona !== undefined);
  return html`<h2>A new agent</h2>
    <form class="admin-row" onSubmit=${make}>
      <label class="field"><span>Name</span><input type="text" name="name" required maxlength="200" autocomplete="off" /></label>
      <label class="field"><span>Called by @ (made from the name if empty)</span><input type="text" name="slug" maxlength="40"
        pattern="[a-z0-9]([a-z0-9\\-]*[a-z0-9])?" autocomplete="off" /></label>
      <label class="field admin-grow"><span>What it does</span><input type="text" name="description" maxlength="600" autocomplete="off" /></label>
      <button type="submit" class="button button-primary">Make it</button></form>
    <h2>In the workspace</h2>
    <table class="admin-table"><thead><tr><th scope="col">Agent</th><th scope="col">What it does</th><th scope="col">State</th>
      <th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
      <tbody>${list.map((persona) => html`<${Row} key=${persona.id} persona=${persona} />`)}</tbody></table>`;
}
