// SPDX-License-Identifier: Apache-2.0
// Retention: for how long the steps of ended sessions are kept, in the workspace and in single conversations.
import { html } from '../html.js';
import { apiGet } from '../api.js';
import { streamIds, streams, workspace } from '../store.js';
import { complain } from '../ui/announce.js';
import { ask, askLater, Field } from './ask.js';
import { change, Shown, useLoaded } from './data.js';
import { restored, useUndo } from './undo.js';

/**
 * @typedef {{ days: number | null, held: boolean }} Rule
 * @typedef {Rule & { streamId: string, name: string }} StreamRule
 * @typedef {{ workspace: Rule, streams: StreamRule[] }} Rules
 * @typedef {(sentence: string) => void} Refuse
 * @typedef {{ streamId: string, name: string, rule: Rule | null }} Edit without an id: the whole workspace's; without a rule: it is removed
 * @typedef {{ rules: Rules, show: (rules: Rules) => void, reload: () => void, offer: import('./undo.js').Offer }} Kept
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

// Whether anything that was kept is deleted under the next rules. Behind the workspace's hold there may be rules that this
// reader is not shown.
/** @param {Rules} was @param {Rules} next */
function deletes(was, next) {
  if (was.workspace.held && !next.workspace.held) return true;
  const [before, after] = [allDays(was), allDays(next)];
  const of = (/** @type {Map<any, any>} */ days, /** @type {any} */ id) => days.get(id) ?? days.get('');
  return [...before.keys(), ...after.keys()].some((id) => of(after, id) < of(before, id));
}

/** @param {Record<string, any>} values @returns {Rule} */
const ruleOf = ({ days, held }) => ({ days: days === '' ? null : Number(days), held: held === 'on' });

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

/** @param {Rules} rules @param {Edit} edit @returns {Rules} */
function edited({ workspace: whole, streams }, { streamId, name, rule }) {
  if (streamId === '') return { workspace: /** @type {Rule} */ (rule), streams };
  const others = streams.filter((one) => one.streamId !== streamId);
  return { workspace: whole, streams: rule ? [...others, { streamId, name, ...rule }] : others };
}

// The rule that an edit replaces; null: none.
/** @param {Rules} rules @param {Edit} edit @returns {Rule | null} */
function ruleAt({ workspace: whole, streams }, { streamId }) {
  const rule = streamId === '' ? whole : streams.find((one) => one.streamId === streamId);
  return rule ? { days: rule.days, held: rule.held } : null;
}

// Whether all that an edit depends on is as it was seen.
/** @param {Rules} now @param {Rules} seen @param {Edit} edit */
const isAsSeen = (now, seen, edit) =>
  [edit, { ...edit, streamId: '' }].every(
    (one) => JSON.stringify(ruleAt(now, one)) === JSON.stringify(ruleAt(seen, one)),
  );

/** @param {Edit} edit @param {Rule | null} was @param {any} said */
function send({ streamId, rule }, was, said) {
  const path = streamId === '' ? 'retention' : `streams/${streamId}/retention`;
  return rule ? change('PUT', path, { ...rule, was }, said) : change('DELETE', path, { was }, said);
}

/** @param {Edit} edit */
const sentenceOf = ({ name, rule }) =>
  rule ? `${name} keeps steps ${keptText(rule)}${rule.held ? ', and is held' : ''}.` : `${name} follows the workspace.`;

// One change of the rules that were seen: if somebody else has changed them since, nothing is done, and what there is now is
// shown. If something is deleted by it, it is asked about first, and so is the undoing of one that kept more.
/** @param {Kept} kept @param {Edit} edit @param {{ isUndo?: boolean, refuse?: Refuse }} [how] */
async function act(kept, edit, { isUndo = false, refuse } = {}) {
  const said = isUndo ? undone : words;
  const askHere = askLater();
  // If they cannot be had, the change itself says why.
  const rules = await apiGet(`/workspaces/${workspace.peek().id}/retention`).catch(() => kept.rules);
  if (!isAsSeen(rules, kept.rules, edit)) {
    complain(`${said.failed}: Somebody else has changed the rules meanwhile; what there is now is shown`);
    return kept.show(rules);
  }
  const was = ruleAt(rules, edit);
  /** @param {Refuse} [sayRefused] */
  const run = async (sayRefused) => {
    const how = { ...said, stale: kept.reload, ...(sayRefused && { refuse: sayRefused }) };
    const next = await send(edit, was, how);
    if (!next) return undefined;
    kept.show(next);
    if (isUndo) kept.offer(restored);
    else kept.offer(sentenceOf(edit), () => act({ ...kept, rules: next }, { ...edit, rule: was }, { isUndo: true }));
    return next;
  };
  if (!deletes(rules, edited(rules, edit))) return run(refuse);
  askHere({
    title: 'Delete what is older?',
    text: 'The steps of sessions that ended longer ago than is kept now are deleted soon, and do not come back. The sessions themselves stay.',
    label: 'Delete older steps',
    danger: true,
    run: (_values, sayRefused) => run(sayRefused),
  });
  return undefined;
}

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
            run: (values, refuse) => act(kept, { ...rule, rule: ruleOf(values) }, { refuse }),
          })}>Change</button>
        <button type="button" class="button button-small" aria-label=${`Let ${rule.name} follow the workspace`}
          onClick=${() => act(kept, { ...rule, rule: null })}>Follow the workspace</button></td></tr>`,
    )}</tbody></table>`;
}

// What may have a rule of its own: every channel that this admin reads, and their scratchpads.
function useRuled() {
  const channels = useLoaded('channels').data?.channels ?? [];
  const pads = streamIds.value.map((id) => streams.get(id)).filter((stream) => stream?.type === 'scratchpad');
  return [...channels, ...pads];
}

/** @param {{ kept: Kept }} props */
function NewRule({ kept }) {
  const free = useRuled().filter(({ id }) => !kept.rules.streams.some(({ streamId }) => streamId === id));
  if (free.length === 0) return null;
  /** @param {any} event */
  function make(event) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    const { id, name } = free.find((/** @type {any} */ one) => one.id === values.stream);
    void act(kept, { streamId: id, name, rule: ruleOf(values) });
  }
  return html`<form class="admin-row" onSubmit=${make} aria-label="A rule for one conversation">
    <label class="field"><span>Conversation</span><select name="stream">${free.map(
      ({ id, name, type }) =>
        html`<option key=${id} value=${id}>${type === 'scratchpad' ? `Scratchpad with ${name}` : name}</option>`,
    )}</select></label>
    ${fieldsOf({}).map((field) => html`<${Field} key=${field.name} field=${field} />`)}
    <button type="submit" class="button">Add a rule</button></form>`;
}

export function Retention() {
  const list = useLoaded('retention');
  const { bar, offer } = useUndo();
  if (!list.data) return html`<h2>How long steps are kept</h2><${Shown} list=${list} />`;
  /** @type {Kept} */
  const kept = { rules: list.data, show: list.show, reload: list.reload, offer };
  const whole = kept.rules.workspace;
  return html`<h2>How long steps are kept</h2>
    <p>The steps of an ended session, with all that they hold, are deleted so many days after its end. The session stays in
      the lists. What runs is kept.</p>
    <form class="admin-row" key=${`${whole.days} ${whole.held}`} aria-label="The whole workspace" onSubmit=${(
      /** @type {any} */ event,
    ) => {
      event.preventDefault();
      const rule = ruleOf(Object.fromEntries(new FormData(event.target)));
      void act(kept, { streamId: '', name: 'The workspace', rule });
    }}>${fieldsOf(whole).map((field) => html`<${Field} key=${field.name} field=${field} />`)}
      <button type="submit" class="button button-primary">Save</button></form>
    ${bar}
    <h2>Conversations with a rule of their own</h2>
    <p class="faint">Threads follow their channel.</p>
    <${StreamRules} kept=${kept} /><${NewRule} key=${kept.rules.streams.length} kept=${kept} />`;
}
