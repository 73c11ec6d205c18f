// SPDX-License-Identifier: Apache-2.0
// Webhooks: other services that are told of sessions. The secret by which they know us is shown once.
import { html, useState } from '../html.js';
import { CopyButton } from '../content/copy.js';
import { members, workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { ask } from './ask.js';
import { change, Shown, useLoaded } from './data.js';

/**
 * @typedef {{ id: string, url: string, events: string[], makerId: string, createdAt: string, deliveredAt?: string,
 *   stoppedAt?: string, lastError?: string }} Webhook
 */

/** @type {[string, string][]} */
const events = [
  ['session.completed', 'A session is complete'],
  ['session.failed', 'A session has failed'],
  ['session.decision_needed', 'An agent asks a person'],
];

/** @param {Webhook} webhook @param {() => void} reload */
const remove = (webhook, reload) =>
  ask({
    title: `Remove the webhook to ${webhook.url}?`,
    text: 'What is still to be delivered is dropped. It cannot be taken back: another webhook gets another secret.',
    label: 'Remove it',
    danger: true,
    run: async () => {
      const words = { done: 'The webhook is removed', failed: 'The webhook was not removed', stale: reload };
      if (await change('DELETE', `webhooks/${webhook.id}`, undefined, words)) reload();
    },
  });

/** @param {{ webhook: Webhook }} props */
function State({ webhook: { stoppedAt, lastError, deliveredAt } }) {
  const sign = stoppedAt
    ? html`<span class="tag tag-danger">stopped ${formatWhen(stoppedAt)}</span>`
    : lastError
      ? html`<span class="tag tag-warning">not delivered</span>`
      : deliveredAt
        ? html`<span class="tag">delivered ${formatWhen(deliveredAt)}</span>`
        : html`<span class="faint">nothing delivered yet</span>`;
  return html`${sign}${lastError && html`<bdi class="faint admin-note">${lastError}</bdi>`}`;
}

/** @param {{ webhooks: Webhook[], reload: () => void }} props */
function List({ webhooks, reload }) {
  if (webhooks.length === 0) return html`<p class="faint">There are no webhooks yet.</p>`;
  const people = members.get(workspace.value.id) ?? [];
  /** @param {string} id */
  const nameOf = (id) => people.find((person) => person.id === id)?.name ?? 'somebody who has left';
  return html`<table class="admin-table"><thead><tr><th scope="col">Address</th><th scope="col">Told of</th>
    <th scope="col">Made by</th><th scope="col">State</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
    <tbody>${webhooks.map(
      (
        webhook,
      ) => html`<tr key=${webhook.id} data-webhook=${webhook.id}><th scope="row" class="admin-wide"><bdi>${webhook.url}</bdi></th>
      <td>${webhook.events.map((event) => html`<span class="tag" key=${event}>${event.replace('session.', '')}</span> `)}</td>
      <td><bdi>${nameOf(webhook.makerId)}</bdi></td><td class="admin-wide"><${State} webhook=${webhook} /></td>
      <td class="admin-side"><button type="button" class="button button-small button-danger" aria-label=${`Remove the webhook to ${webhook.url}`}
        onClick=${() => remove(webhook, reload)}>Remove</button></td></tr>`,
    )}</tbody></table>`;
}

/** @param {{ onMade: (made: { url: string, secret: string }) => void }} props */
function Make({ onMade }) {
  /** @param {any} event */
  async function make(event) {
    event.preventDefault();
    const form = event.target;
    const fields = new FormData(form);
    const body = { url: String(fields.get('url')).trim(), events: fields.getAll('event') };
    const words = { done: 'The webhook is made', failed: 'The webhook was not made' };
    const answer = await change('POST', 'webhooks', body, words);
    if (!answer) return;
    onMade({ url: answer.webhook.url, secret: answer.secret });
    form.reset();
  }
  return html`<form class="admin-row" onSubmit=${make} aria-label="A new webhook">
    <label class="field admin-grow"><span>Address (http or https)</span><input type="text" inputmode="url" name="url" required maxlength="2000"
      autocomplete="off" spellcheck="false" /></label>
    <fieldset class="admin-scopes"><legend>Told of</legend>${events.map(
      ([event, label]) => html`<label class="choice" key=${event}><input type="checkbox" name="event" value=${event}
      defaultChecked=${true} /><span>${label}</span></label>`,
    )}</fieldset>
    <button type="submit" class="button button-primary">Make a webhook</button></form>`;
}

export function Webhooks() {
  const list = useLoaded('webhooks');
  const [made, setMade] = useState(/** @type {{ url: string, secret: string } | null} */ (null));
  return html`<h2>A new webhook</h2>
    <p>The address is told by POST, signed as Standard Webhooks says, of the sessions that you may read.</p>
    <${Make} onMade=${(/** @type {{ url: string, secret: string }} */ one) => {
      setMade(one);
      list.reload();
    }} />
    ${
      made &&
      html`<p class="admin-secret" role="status">The secret of ${made.url}: <code>${made.secret}</code>
      <${CopyButton} text=${() => made.secret} label="Copy the secret" /><span class="faint">It is shown only now.</span></p>`
    }
    <h2>All webhooks</h2><${Shown} list=${list}><${List} webhooks=${list.data?.webhooks ?? []} reload=${list.reload} /><//>`;
}
