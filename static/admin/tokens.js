// SPDX-License-Identifier: Apache-2.0
// Tokens: what programs sign in with. Made with a label and an end, replaced with an overlap, revoked at once.
import { html, useState } from '../html.js';
import { CopyButton } from '../content/copy.js';
import { connectUrl } from '../links.js';
import { personaIds, personas, workspace } from '../store.js';
import { formatWhen, serverNow } from '../time.js';
import { ask } from './ask.js';
import { change, Shown, useLoaded } from './data.js';

const day = 86_400_000;
const ends = [
  ['', 'Never'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
];
const scopes = ['read', 'sessions:write', 'messages:write', 'ingest'];

/** @param {Token} token */
const nameOf = (token) => token.label || `a token of ${personas.peek(token.personaId)?.name ?? 'an agent'}`;
/** @param {Token} token */
const hasEnded = (token) =>
  Boolean(token.revokedAt) || (token.expiresAt !== undefined && Date.parse(token.expiresAt) <= serverNow());

/** @param {Token} token @param {() => void} reload @param {(made: Made) => void} show */
const replace = (token, reload, show) =>
  ask({
    title: `Replace ${nameOf(token)}?`,
    text: 'Another one like it is made, which ends when this one was to end. The old one works for one more day, so that programs can change over.',
    label: 'Make the new one',
    run: async () => {
      const words = { done: 'The new token is made', failed: 'It was not replaced', stale: reload };
      const answer = await change('POST', `tokens/${token.id}/rotate`, {}, words);
      if (!answer) return;
      show({ name: nameOf(token), secret: answer.secret });
      reload();
    },
  });

/** @param {Token} token @param {() => void} reload */
const revoke = (token, reload) =>
  ask({
    title: `Revoke ${nameOf(token)}?`,
    text: 'It is good for nothing from now on, and what is connected by it is cut off.',
    label: 'Revoke it',
    danger: true,
    run: async () => {
      const words = { done: `${nameOf(token)} is revoked`, failed: 'It was not revoked', stale: reload };
      if (await change('DELETE', `tokens/${token.id}`, undefined, words)) reload();
    },
  });

/** @typedef {{ name: string, secret: string }} Made */
/** @param {{ token: Token, reload: () => void, show: (made: Made) => void }} props */
function Row({ token, reload, show }) {
  const ended = hasEnded(token);
  const until = token.revokedAt
    ? 'revoked'
    : ended
      ? 'ended'
      : token.expiresAt
        ? formatWhen(token.expiresAt)
        : 'does not end';
  return html`<tr data-token=${token.id} class=${ended ? 'is-over' : ''}><th scope="row"><bdi>${token.label ?? html`<span class="faint">no label</span>`}</bdi></th>
    <td><bdi>${personas.get(token.personaId)?.name ?? ''}</bdi></td>
    <td class="admin-wide">${token.scopes.map((scope) => html`<span class="tag" key=${scope}>${scope}</span> `)}</td>
    <td>${formatWhen(token.createdAt)}</td><td>${token.lastUsedAt ? formatWhen(token.lastUsedAt) : 'never used'}</td><td>${ended ? html`<span class="tag tag-danger">${until}</span>` : until}</td>
    <td class="admin-side">${
      !ended &&
      html`<button type="button" class="button button-small" aria-label=${`Replace ${nameOf(token)}`}
        onClick=${() => replace(token, reload, show)}>Replace</button>
      <button type="button" class="button button-small button-danger" aria-label=${`Revoke ${nameOf(token)}`}
        onClick=${() => revoke(token, reload)}>Revoke</button>`
    }</td></tr>`;
}

/** @param {{ onMade: (made: Made) => void }} props */
function Make({ onMade }) {
  const agents = personaIds.value.map((id) => personas.get(id)).filter((persona) => persona !== undefined);
  /** @param {any} event */
  async function make(event) {
    event.preventDefault();
    const form = event.target;
    const fields = new FormData(form);
    const label = String(fields.get('label')).trim();
    const days = Number(fields.get('days'));
    const body = {
      personaId: fields.get('persona'),
      scopes: fields.getAll('scope'),
      ...(label && { label }),
      ...(days > 0 && { expiresAt: new Date(serverNow() + days * day).toISOString() }),
    };
    const answer = await change('POST', 'tokens', body, {
      done: 'The token is made',
      failed: 'The token was not made',
    });
    if (!answer) return;
    onMade({ name: nameOf(answer.token), secret: answer.secret });
    form.reset();
  }
  return html`<form class="admin-row" onSubmit=${make}>
    <label class="field"><span>Agent</span><select name="persona">${agents.map(
      ({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`,
    )}</select></label>
    <label class="field"><span>What it is for</span><input type="text" name="label" maxlength="100" autocomplete="off" /></label>
    <label class="field"><span>Ends</span><select name="days">${ends.map(
      ([value, label]) => html`<option key=${value} value=${value}>${label}</option>`,
    )}</select></label>
    <fieldset class="admin-scopes"><legend>May</legend>${scopes.map(
      (scope) => html`<label class="choice" key=${scope}><input type="checkbox" name="scope" value=${scope}
      defaultChecked=${scope !== 'ingest'} /><span>${scope}</span></label>`,
    )}</fieldset>
    <button type="submit" class="button button-primary">Make a token</button></form>`;
}

export function Tokens() {
  const list = useLoaded('tokens');
  const [made, setMade] = useState(/** @type {Made | null} */ (null));
  return html`<h2>A new token</h2>
    <p class="faint">For a framework, <a href=${connectUrl(workspace.value.id)}>Connect an agent</a> makes one and shows what to copy.</p>
    <${Make} onMade=${(/** @type {Made} */ one) => {
      setMade(one);
      list.reload();
    }} />
    ${
      made &&
      html`<p class="admin-secret" role="status">The secret of ${made.name}: <code>${made.secret}</code>
      <${CopyButton} text=${() => made.secret} label="Copy the secret" /><span class="faint">It is shown only now.</span></p>`
    }
    <h2>All tokens</h2>
    <${Shown} list=${list}><table class="admin-table"><thead><tr><th scope="col">Label</th><th scope="col">Agent</th>
      <th scope="col">May</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col">Ends</th>
      <th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
      <tbody>${list.data?.tokens.map(
        (/** @type {Token} */ token) =>
          html`<${Row} key=${token.id} token=${token} reload=${list.reload} show=${setMade} />`,
      )}</tbody></table><//>`;
}
