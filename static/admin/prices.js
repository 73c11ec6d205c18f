// SPDX-License-Identifier: Apache-2.0
// Prices of models, in US dollars for a million tokens: the workspace's own, and below them those that all share.
import { html, useState } from '../html.js';
import { ask } from './ask.js';
import { change, Shown, useLoaded } from './data.js';
import { useUndo } from './undo.js';

/**
 * @typedef {{ model: string, inputUsd: unknown, outputUsd: unknown, cacheReadUsd?: unknown, cacheWriteUsd?: unknown, own: boolean,
 *   source?: string, asOf: string }} Price
 * @typedef {{ reload: () => void, offer: import('./undo.js').Offer }} Tools
 */

/** @type {[keyof Price & string, string, boolean][]} */
const kinds = [
  ['inputUsd', 'Input', true],
  ['outputUsd', 'Output', true],
  ['cacheReadUsd', 'Cache read', false],
  ['cacheWriteUsd', 'Cache write', false],
];
const words = { done: 'The price is kept', failed: 'The price was not kept' };
const undone = { done: 'Undone', failed: 'It was not undone' };

// Cents at least, and every digit that there is.
const dollars = new Intl.NumberFormat('en', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 20,
  useGrouping: false,
});
/** @param {unknown} usd */
const usdText = (usd) => (usd === undefined ? '' : `$${dollars.format(Number(usd))}`);

/** @param {Record<string, any>} values */
const ratesOf = (values) =>
  Object.fromEntries(
    kinds.filter(([kind]) => (values[kind] ?? '') !== '').map(([kind]) => [kind, Number(values[kind])]),
  );

// What a change depends on: it is made only of the workspace's own price that was seen, or of none.
/** @param {Price | undefined} price */
const seen = (price) => (price?.own ? ratesOf(price) : null);

/** @param {string} method @param {any} body @param {() => void} reload @param {any} said */
async function send(method, body, reload, said) {
  const answer = await change(method, 'prices', body, { ...said, stale: reload });
  if (answer) reload();
  return answer;
}

// Gives back what held before: the workspace's own price, or none. `now`: what this page has put in its place.
/** @param {string} model @param {Price | undefined} was @param {Record<string, number> | null} now @param {() => void} reload */
const restore = (model, was, now, reload) => () =>
  was?.own
    ? send('PUT', { model, ...ratesOf(was), was: now }, reload, undone)
    : send('DELETE', { model, was: now }, reload, undone);

/** @param {string} model @param {Record<string, any>} values @param {Price | undefined} was @param {Tools} tools @param {(sentence: string) => void} [refuse] */
async function put(model, values, was, { reload, offer }, refuse) {
  const body = { model, ...ratesOf(values), was: seen(was) };
  const answer = await send('PUT', body, reload, refuse ? { ...words, refuse } : words);
  if (answer)
    offer(
      `The price of ${model} is kept. It counts for steps that end from now on.`,
      restore(model, was, ratesOf(answer.price), reload),
    );
  return answer;
}

/** @param {Price} price @param {Tools} tools */
const edit = (price, tools) =>
  ask({
    title: `The price of ${price.model}`,
    text: price.own
      ? 'US dollars for a million tokens.'
      : 'US dollars for a million tokens. In this workspace it holds in place of the shared price.',
    label: 'Save',
    fields: kinds.map(([name, label, required]) => ({
      name,
      label,
      required,
      type: 'number',
      min: 0,
      max: 1e6,
      step: 'any',
      value: price[name] === undefined ? '' : String(price[name]),
    })),
    run: (values, refuse) => put(price.model, values, price, tools, refuse),
  });

/** @param {Price} price @param {Tools} tools */
const remove = (price, { reload, offer }) =>
  ask({
    title: `Remove the price of ${price.model}?`,
    text: 'A shared price holds again, if there is one. Without a price the steps of the model have no cost.',
    label: 'Remove it',
    danger: true,
    run: async () => {
      const said = { done: 'The price is removed', failed: 'The price was not removed' };
      if (await send('DELETE', { model: price.model, was: seen(price) }, reload, said))
        offer(`The workspace's price of ${price.model} is removed.`, restore(price.model, price, null, reload));
    },
  });

/** @param {{ price: Price, tools: Tools }} props */
function Row({ price, tools }) {
  const { model, own, source, asOf } = price;
  return html`<tr data-price=${model}><th scope="row"><bdi>${model}</bdi></th>${kinds.map(
    ([kind, label]) => html`<td key=${kind} class="is-number" data-label=${label}>${usdText(price[kind])}</td>`,
  )}<td>${own ? html`<span class="tag tag-gold">your own</span>` : html`<span class="tag" title=${source}>shared</span>`}
    <span class="faint"> of ${asOf}</span></td>
    <td class="admin-side"><button type="button" class="button button-small" aria-label=${`Change the price of ${model}`}
      onClick=${() => edit(price, tools)}>Change</button>
      ${
        own &&
        html`<button type="button" class="button button-small button-danger" aria-label=${`Remove the price of ${model}`}
        onClick=${() => remove(price, tools)}>Remove</button>`
      }</td></tr>`;
}

/** @param {{ prices: Price[], tools: Tools }} props */
function NewPrice({ prices, tools }) {
  /** @param {any} event */
  async function make(event) {
    event.preventDefault();
    const form = event.target;
    const { model, ...values } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    const name = model.trim().toLowerCase();
    if (
      await put(
        name,
        values,
        prices.find((price) => price.model === name),
        tools,
      )
    )
      form.reset();
  }
  return html`<form class="admin-row" onSubmit=${make} aria-label="A price of your own">
    <label class="field"><span>Model</span><input type="text" name="model" required maxlength="200" autocomplete="off" spellcheck="false" /></label>
    ${kinds.map(
      ([
        name,
        label,
        required,
      ]) => html`<label class="field" key=${name}><span>${label}</span><input type="number" name=${name} min="0"
        max="1000000" step="any" required=${required} class="admin-price" /></label>`,
    )}<button type="submit" class="button button-primary">Keep the price</button></form>`;
}

export function Prices() {
  const list = useLoaded('prices');
  const { bar, offer } = useUndo();
  const [wanted, setWanted] = useState('');
  const tools = { reload: list.reload, offer };
  /** @type {Price[]} */
  const prices = list.data?.prices ?? [];
  const found = prices.filter(({ model }) => model.includes(wanted.trim().toLowerCase()));
  const shown = [...found.filter(({ own }) => own), ...found.filter(({ own }) => !own)];
  return html`<h2>A price of your own</h2>
    <p>US dollars for a million tokens. The cost of a step is computed from them when it ends and its agent did not say it.
      A new price changes no cost that was computed.</p>
    <${Shown} list=${list}><${NewPrice} prices=${prices} tools=${tools} />${bar}
      <h2>Prices that hold</h2>
      <label class="field admin-find"><span>Find a model</span><input type="search" value=${wanted} autocomplete="off"
        onInput=${(/** @type {any} */ event) => setWanted(event.target.value)} /></label>
      <p class="faint" role="status">${shown.length === prices.length ? `${prices.length} models` : `${shown.length} of ${prices.length} models`}</p>
      ${
        shown.length > 0 &&
        html`<table class="admin-table"><thead><tr><th scope="col">Model</th>${kinds.map(
          ([kind, label]) => html`<th scope="col" key=${kind} class="is-number">${label}</th>`,
        )}<th scope="col">Whose</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
      <tbody>${shown.map((price) => html`<${Row} key=${price.model} price=${price} tools=${tools} />`)}</tbody></table>`
      }<//>`;
}
