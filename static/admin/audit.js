// SPDX-License-Identifier: Apache-2.0
// The audit log: who did what to whom, the newest first.
import { html, useEffect, useRef, useState } from '../html.js';
import { apiGet, apiQuery } from '../api.js';
import { navigate, route, urlWith } from '../router.js';
import { members, workspace } from '../store.js';
import { formatClock, formatWhen } from '../time.js';
import { complain } from '../ui/announce.js';
import { Shown, useLoaded } from './data.js';

// What an action is called. An action without a row is shown as it is.
/** @type {Record<string, string>} */
export const actions = {
  invite: 'invited',
  'withdraw-invite': 'withdrew an invitation',
  'accept-invite': 'came by an invitation',
  rename: 'renamed',
  'set-role': 'changed the role of',
  'sign-out-everywhere': 'signed out everywhere',
  deactivate: 'deactivated',
  activate: 'activated',
  'set-password': 'set the password of',
  export: 'exported the data of',
  erase: 'erased',
  'create-persona': 'made the agent',
  'change-persona': 'changed the agent',
  'create-token': 'made a token',
  'rotate-token': 'replaced a token',
  'revoke-token': 'revoked a token',
  'create-webhook': 'made a webhook',
  'remove-webhook': 'removed a webhook',
  'add-member': 'added to a channel',
  'remove-member': 'removed from a channel',
  'make-share': 'made a link of a session',
  'revoke-share': 'revoked a link of a session',
  'set-sharing': 'changed whether sessions are shared in',
  'set-retention': 'changed how long steps are kept in',
  'clear-retention': 'took back the rule for how long steps are kept in',
  'set-redaction': 'set the redaction rule',
  'remove-redaction': 'removed the redaction rule',
  'set-price': 'set the price of',
  'remove-price': 'removed the price of',
  'import-prices': 'imported prices',
};

/** @typedef {{ type: string, id?: string, name?: string }} Party */
/** @typedef {{ id: string, at: string, actor: Party, action: string, subject?: Party, details: Record<string, any> }} Entry */

/** @param {Party} party */
const partyName = (party) => (party.type === 'operator' ? `${party.name} (operator)` : (party.name ?? party.id ?? ''));

/** @param {any} value @returns {string} */
const valueText = (value) =>
  Array.isArray(value)
    ? value.join(', ')
    : value !== null && typeof value === 'object'
      ? `(${detailsText(value, ', ')})`
      : String(value);

/** @param {Record<string, any>} details @param {string} [between] */
const detailsText = (details, between = ' · ') =>
  Object.entries(details)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join(between);

/** @param {{ entry: Entry }} props */
function Row({ entry }) {
  const isSelf = entry.subject?.id === entry.actor.id;
  return html`<tr><td><time datetime=${entry.at} title=${formatClock(entry.at, { seconds: true })}>${formatWhen(entry.at)}</time></td>
    <td><bdi>${partyName(entry.actor)}</bdi></td><td class="admin-wide">${actions[entry.action] ?? entry.action}
      ${!isSelf && entry.subject && html` <strong><bdi>${partyName(entry.subject)}</bdi></strong>`}</td>
    <td class="admin-wide faint">${detailsText(entry.details)}</td></tr>`;
}

export function Audit() {
  const { actor, action } = route.value.query;
  const path = `audit${apiQuery({ actor, action })}`;
  const list = useLoaded(path);
  const [older, setOlder] = useState(/** @type {{ entries: Entry[], next?: string | undefined } | null} */ (null));
  const shown = useRef(path);
  shown.current = path;
  useEffect(() => setOlder(null), [path]);
  const people = members.get(workspace.value.id) ?? [];
  const entries = [...(list.data?.entries ?? []), ...(older?.entries ?? [])];
  const next = older ? older.next : list.data?.nextBefore;
  /** @param {Record<string, string>} fields */
  const filter = (fields) => navigate(urlWith(route.peek(), fields), { replace: true });
  async function more() {
    try {
      const page = await apiGet(`/workspaces/${workspace.peek().id}/audit${apiQuery({ actor, action, before: next })}`);
      // The reader has chosen others meanwhile.
      if (shown.current !== path) return;
      setOlder((held) => ({ entries: [...(held?.entries ?? []), ...page.entries], next: page.nextBefore }));
    } catch (error) {
      complain(`Older entries could not be loaded: ${error.message}`);
    }
  }
  return html`<h2>Audit log</h2>
    <div class="admin-row"><label class="field"><span>Who</span><select value=${actor ?? ''}
      onChange=${(/** @type {any} */ event) => filter({ actor: event.target.value })}><option value="">Everybody</option>${people.map(
        ({ id, name }) => html`<option key=${id} value=${id} selected=${id === actor}>${name}</option>`,
      )}</select></label>
      <label class="field"><span>What</span><select value=${action ?? ''}
        onChange=${(/** @type {any} */ event) => filter({ action: event.target.value })}><option value="">Everything</option>${Object.entries(
          actions,
        ).map(
          ([name, words]) => html`<option key=${name} value=${name} selected=${name === action}>${words}</option>`,
        )}</select></label></div>
    <${Shown} list=${list}>${
      entries.length === 0
        ? html`<p class="faint">Nothing of the kind was done.</p>`
        : html`<table class="admin-table"><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th>
      <th scope="col">Details</th></tr></thead><tbody>${entries.map((entry) => html`<${Row} key=${entry.id} entry=${entry} />`)}</tbody></table>`
    }${next && html`<p class="more"><button type="button" class="button" onClick=${more}>Older entries</button></p>`}<//>`;
}
