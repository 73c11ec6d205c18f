// SPDX-License-Identifier: Apache-2.0
// Redaction: what is taken out of texts before they are kept, and what that would leave of a text.
import { html, useState } from '../html.js';
import { formatWhen } from '../time.js';
import { ask } from './ask.js';
import { change, Shown, useLoaded } from './data.js';
import { useUndo } from './undo.js';

/**
 * @typedef {{ name: string, pattern: string, changedAt: string }} Rule
 * @typedef {{ reload: () => void, offer: import('./undo.js').Offer }} Tools
 */

const words = { done: 'The rule is kept', failed: 'The rule was not kept' };
const undone = { done: 'Undone', failed: 'It was not undone' };

/** @param {string} method @param {any} body @param {() => void} reload @param {any} said */
async function send(method, body, reload, said) {
  const answer = await change(method, 'redaction', body, { ...said, stale: reload });
  if (answer) reload();
  return answer;
}

// What a change depends on: it is made only of what was seen, or of what this page itself has written.
/** @param {{ pattern: string } | undefined} rule */
const seen = (rule) => (rule ? { pattern: rule.pattern } : null);

// `was`: the rule of this name that there is already.
/** @param {string} name @param {string} pattern @param {Rule | undefined} was @param {Tools} tools @param {(sentence: string) => void} [refuse] */
async function put(name, pattern, was, { reload, offer }, refuse) {
  const body = { name, pattern, was: seen(was) };
  if (!(await send('PUT', body, reload, refuse ? { ...words, refuse } : words))) return false;
  const back = { name, was: { pattern } };
  offer(was ? `The rule ${name} is changed.` : `The rule ${name} is in force.`, () =>
    was ? send('PUT', { ...back, pattern: was.pattern }, reload, undone) : send('DELETE', back, reload, undone),
  );
  return true;
}

/** @param {Rule} rule @param {Tools} tools */
const edit = (rule, tools) =>
  ask({
    title: `Change ${rule.name}`,
    text: 'What was kept before stays as it is.',
    label: 'Save',
    fields: [{ name: 'pattern', label: 'Pattern', value: rule.pattern, required: true, most: 500 }],
    run: ({ pattern }, refuse) => put(rule.name, pattern, rule, tools, refuse),
  });

/** @param {Rule} rule @param {Tools} tools */
const remove = (rule, { reload, offer }) =>
  ask({
    title: `Remove ${rule.name}?`,
    text: 'What it matches is kept and shown from now on. What was taken out before does not come back.',
    label: 'Remove it',
    danger: true,
    run: async () => {
      const said = { done: `${rule.name} is removed`, failed: 'The rule was not removed' };
      if (await send('DELETE', { name: rule.name, was: seen(rule) }, reload, said))
        offer(`The rule ${rule.name} is removed.`, () =>
          send('PUT', { name: rule.name, pattern: rule.pattern, was: null }, reload, undone),
        );
    },
  });

/** @param {{ rules: Rule[], tools: Tools }} props */
function Rules({ rules, tools }) {
  if (rules.length === 0) return html`<p class="faint">There are no rules: texts are kept as they come.</p>`;
  return html`<table class="admin-table"><thead><tr><th scope="col">Rule</th><th scope="col">Pattern</th>
    <th scope="col">Changed</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead><tbody>${rules.map(
      (rule) => html`<tr key=${rule.name} data-rule=${rule.name}><th scope="row">${rule.name}</th>
      <td class="admin-wide"><code>${rule.pattern}</code></td><td data-label="Changed">${formatWhen(rule.changedAt)}</td>
      <td class="admin-side"><button type="button" class="button button-small" aria-label=${`Change ${rule.name}`}
        onClick=${() => edit(rule, tools)}>Change</button>
        <button type="button" class="button button-small button-danger" aria-label=${`Remove ${rule.name}`}
          onClick=${() => remove(rule, tools)}>Remove</button></td></tr>`,
    )}</tbody></table>`;
}

/** @param {{ rules: Rule[], tools: Tools }} props */
function NewRule({ rules, tools }) {
  /** @param {any} event */
  async function make(event) {
    event.preventDefault();
    const form = event.target;
    const { name, pattern } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    const was = rules.find((rule) => rule.name === name);
    if (was)
      ask({
        title: `Replace ${name}?`,
        text: `There is a rule of this name already. Its pattern is ${was.pattern}`,
        label: 'Replace it',
        run: async (_values, refuse) => {
          if (await put(name, pattern, was, tools, refuse)) form.reset();
        },
      });
    else if (await put(name, pattern, undefined, tools)) form.reset();
  }
  return html`<form class="admin-row" onSubmit=${make} aria-label="A new rule">
    <label class="field"><span>Name (lower-case letters, digits, hyphens)</span><input type="text" name="name" required maxlength="40"
      pattern="[a-z0-9][a-z0-9\\-]*" autocomplete="off" spellcheck="false" /></label>
    <label class="field admin-grow"><span>Pattern (syntax of RE2)</span><input type="text" name="pattern" required maxlength="500"
      autocomplete="off" spellcheck="false" /></label>
    <button type="submit" class="button button-primary">Add the rule</button></form>`;
}

function Try() {
  const [left, setLeft] = useState(/** @type {string | null} */ (null));
  /** @param {any} event */
  async function look(event) {
    event.preventDefault();
    const { text, pattern } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(event.target)));
    const said = { done: 'What is left is shown', failed: 'It was not tried' };
    const answer = await change('POST', 'redaction/try', pattern ? { text, pattern } : { text }, said);
    setLeft(answer ? answer.text : null);
  }
  return html`<h2>Try it</h2>
    <form class="admin-row" onSubmit=${look} aria-label="Try it">
      <label class="field admin-grow"><span>A text</span><textarea name="text" rows="3" maxlength="60000" required></textarea></label>
      <label class="field"><span>Pattern (empty: the rules above)</span><input type="text" name="pattern" maxlength="500"
        autocomplete="off" spellcheck="false" /></label>
      <button type="submit" class="button">What is left?</button></form>
    ${left !== null && html`<pre class="admin-left" tabindex="0" role="region" aria-label="What is left">${left}</pre>`}`;
}

export function Redaction() {
  const list = useLoaded('redaction');
  const { bar, offer } = useUndo();
  const tools = { reload: list.reload, offer };
  const rules = list.data?.rules ?? [];
  return html`<h2>What is taken out of texts</h2>
    <p>What a pattern matches is replaced by <code>[redacted:name]</code> before anything is stored or shown. What was
      stored before stays as it is.</p>
    <${Shown} list=${list}><${NewRule} rules=${rules} tools=${tools} />${bar}
      <h2>Rules</h2><${Rules} rules=${rules} tools=${tools} /><${Try} /><//>`;
}
