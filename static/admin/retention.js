// SPDX-License-Identifier: Apache-2.0
// Retention: for how long the steps of ended sessions are kept, in the workspace and in single conversations.
import { html } from '../html.js';
import { ask, Field } from './ask.js';
import { change, Shown, useLoaded } from './data.js';
import { useUndo } from './undo.js';

/**
 * @typedef {{ days: number | null, held: boolean }} Rule
 * @typedef {Rule & { streamId: string, name: string }} StreamRule
 * @typedef {{ workspace: Rule, streams: StreamRule[] }} Rules
 * @typedef {(sentence: string) => void} Refuse
 * @typedef {{ rules: Rules, reload: () => void, offer: import('./undo.js').Offer }} Kept
 */

const most = 36500;
/** @param {Rule} rule */
const keptText = ({ days }) => (days === null ? 'for ever' : days === 1 ? 'one day' : `${days} days`);

// For how many days steps are kept by a rule: a hold, also the workspace's, is stronger than any number.
/** @param {Rule} rule @param {Rule} workspace */
const daysOf = (rule, workspace) => (rule.held || workspace.held ? Infinity : (rule.days ?? Infinity));

/** @param {Rules} rules */
const allDays = ({ workspace, streams }) =>
  new Map(
    [['', workspace], ...streams.map((one) => [one.streamId, one])].map(([id, rule]) => [
      id,
      daysOf(/** @type {Rule} */ (rule), workspace),
    ]),
  );

// Whether anything that was kept is deleted under the next rules.
/** @param {Rules} was @param {Rules} next */
function deletes(was, next) {
  const [before, after] = [allDays(was), allDays(next)];
  const of = (/** @type {Map<any, any>} */ days, /** @type {any} */ id) => days.get(id) ?? days.get('');
  return [...before.keys(), ...after.keys()].some((id) => of(after, id) < of(before, id));
}

/** @param {Rules} rules @param {StreamRule} rule @param {boolean} [isGone] @returns {Rules} */
const withStream = ({ workspace, streams }, rule, isGone) => ({
  workspace,
  streams: [...streams.filter(({ streamId }) => streamId !== rule.streamId), ...(isGone ? [] : [rule])],
});

/** @param {Rule} rule */
const bodyOf = ({ days, held }) => ({ days, held });
/** @param {Record<string, any>} values @returns {Rule} */
const ruleOf = ({ days, held }) => ({ days: days === '' ? null : Number(days), held: held === 'on' });
/** @param {StreamRule} rule */
const pathOf = (rule) => `streams/${rule.streamId}/retention`;

/** @param {Partial<Rule>} rule @returns {import('./ask.js').AskField[]} */
const fieldsOf = ({ days, held = false }) => [
  {
    name: 'days',
    label: 'Days (empty: for ever)',
    type: 'number',
    min: 1,
    max: most,
    step: 1,
    value: days ? String(days) : '',
  },
  { name: 'held', label: 'Hold: nothing is deleted, whatever the days are', checked: held },
];

const words = { done: 'The rule is kept', failed: 'The rule was not kept' };
const undone = { done: 'Undone', failed: 'It was not undone' };

// One change of the rules: asked about first if something is deleted by it, and taken back by the other one.
/**
 * @param {Kept} kept
 * @param {{ next: Rules, what: string, forth: any[], back: any[], refuse?: Refuse | undefined }} step
 */
async function act({ rules, reload, offer }, { next, what, forth, back, refuse }) {
  /** @param {any[]} call @param {{ done: string, failed: string, refuse?: Refuse }} said */
  const send = async ([method, path, body], said) => {
    const answer = await change(method, path, body, said);
    if (answer) reload();
    return answer;
  };
  /** @param {Refuse} [sayRefused] */
  const run = async (sayRefused) => {
    const said = sayRefused ? { ...words, refuse: sayRefused } : words;
    if (await send(forth, said)) offer(what, () => send(back, undone));
  };
  if (!deletes(rules, next)) return run(refuse);
  ask({
    title: 'Delete what is older?',
    text: 'The steps of sessions that ended longer ago than is kept now are deleted soon, and do not come back. The sessions themselves stay.',
    label: 'Delete older steps',
    danger: true,
    run: (_values, sayRefused) => run(sayRefused),
  });
  return undefined;
}

/** @param {Kept} kept @param {Rule} rule */
const putWorkspace = (kept, rule) =>
  act(kept, {
    next: { ...kept.rules, workspace: rule },
    what: `The workspace keeps steps ${keptText(rule)}${rule.held ? ', and is held' : ''}.`,
    forth: ['PUT', 'retention', bodyOf(rule)],
    back: ['PUT', 'retention', bodyOf(kept.rules.workspace)],
  });

/** @param {Kept} kept @param {StreamRule} rule @param {Refuse} [refuse] */
function putStream(kept, rule, refuse) {
  const was = kept.rules.streams.find(({ streamId }) => streamId === rule.streamId);
  return act(kept, {
    next: withStream(kept.rules, rule),
    what: `${rule.name} keeps steps ${keptText(rule)}${rule.held ? ', and is held' : ''}.`,
    forth: ['PUT', pathOf(rule), bodyOf(rule)],
    back: was ? ['PUT', pathOf(rule), bodyOf(was)] : ['DELETE', pathOf(rule)],
    refuse,
  });
}

/** @param {Kept} kept @param {StreamRule} rule */
const removeStream = (kept, rule) =>
  act(kept, {
    next: withStream(kept.rules, rule, true),
    what: `${rule.name} follows the workspace.`,
    forth: ['DELETE', pathOf(rule)],
    back: ['PUT', pathOf(rule), bodyOf(rule)],
  });

/** @param {{ kept: Kept }} props */
function StreamRules({ kept }) {
  const { streams } = kept.rules;
  if (streams.length === 0) return html`<p class="faint">All conversations follow the workspace.</p>`;
  return html`<table class="admin-table"><thead><tr><th scope="col">Conversation</th><th scope="col">Steps are kept</th>
    <th scope="col">Hold</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead><tbody>${streams.map(
      (rule) => html`<tr key=${rule.streamId} data-rule=${rule.streamId}><th scope="row"><bdi>${rule.name}</bdi></th>
      <td data-label="Kept">${keptText(rule)}</td><td>${rule.held ? html`<span class="tag tag-warning">held</span>` : ''}</td>
      <td class="admin-side"><button type="button" class="button button-small" aria-label=${`Change the rule of ${rule.name}`}
        onClick=${() =>
          ask({
            title: `How long ${rule.name} keeps steps`,
            label: 'Save',
            fields: fieldsOf(rule),
            run: (values, refuse) => putStream(kept, { ...rule, ...ruleOf(values) }, refuse),
          })}>Change</button>
        <button type="button" class="button button-small" aria-label=${`Let ${rule.name} follow the workspace`}
          onClick=${() => removeStream(kept, rule)}>Follow the workspace</button></td></tr>`,
    )}</tbody></table>`;
}

/** @param {{ kept: Kept }} props */
function NewRule({ kept }) {
  const channels = useLoaded('channels').data?.channels ?? [];
  const free = channels.filter(
    (/** @type {any} */ { id }) => !kept.rules.streams.some(({ streamId }) => streamId === id),
  );
  if (free.length === 0) return null;
  /** @param {any} event */
  function make(event) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    const { id, name } = free.find((/** @type {any} */ one) => one.id === values.stream);
    void putStream(kept, { streamId: id, name, ...ruleOf(values) });
  }
  return html`<form class="admin-row" onSubmit=${make} aria-label="A rule for one channel">
    <label class="field"><span>Channel</span><select name="stream">${free.map(
      (/** @type {any} */ { id, name }) => html`<option key=${id} value=${id}>${name}</option>`,
    )}</select></label>
    ${fieldsOf({}).map((field) => html`<${Field} key=${field.name} field=${field} />`)}
    <button type="submit" class="button">Add a rule</button></form>`;
}

export function Retention() {
  const list = useLoaded('retention');
  const { bar, offer } = useUndo();
  if (!list.data) return html`<h2>How long steps are kept</h2><${Shown} list=${list} />`;
  /** @type {Kept} */
  const kept = { rules: list.data, reload: list.reload, offer };
  const { workspace } = kept.rules;
  return html`<h2>How long steps are kept</h2>
    <p>The steps of an ended session, with all that they hold, are deleted so many days after its end. The session stays in
      the lists. What runs is kept.</p>
    <form class="admin-row" key=${`${workspace.days} ${workspace.held}`} aria-label="The whole workspace" onSubmit=${(
      /** @type {any} */ event,
    ) => {
      event.preventDefault();
      void putWorkspace(kept, ruleOf(Object.fromEntries(new FormData(event.target))));
    }}>${fieldsOf(workspace).map((field) => html`<${Field} key=${field.name} field=${field} />`)}
      <button type="submit" class="button button-primary">Save</button></form>
    ${bar}
    <h2>Conversations with a rule of their own</h2>
    <p class="faint">Threads follow their channel.</p>
    <${StreamRules} kept=${kept} /><${NewRule} key=${kept.rules.streams.length} kept=${kept} />`;
}
