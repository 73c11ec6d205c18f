// SPDX-License-Identifier: Apache-2.0
// Facts of a step and of a session, as a list of names and values.
import { html } from '../html.js';
import { formatCount, formatDuration, formatMoment } from '../time.js';

/** @param {unknown} cost */
export const formatCost = (cost) => {
  const value = Number(cost);
  return value > 0 ? `$${value < 0.01 ? value.toPrecision(2) : value.toFixed(value < 1 ? 3 : 2)}` : '';
};

// What a cost is that no agent has said; the sign stands before it.
const computedHint =
  'Computed from the prices of models, because the agent did not say it. What has no price is not in it.';

/** @param {{ costUsd?: unknown, isComputed?: boolean }} props */
export function Cost({ costUsd, isComputed }) {
  const text = formatCost(costUsd);
  if (!text) return null;
  if (!isComputed) return html`<span class="cost">${text}</span>`;
  return html`<span class="cost is-computed" title=${computedHint}><span aria-hidden="true">≈ </span>${text}<span
      class="visually-hidden"> (computed)</span></span>`;
}

const counts = /** @type {const} */ ([
  ['inputTokens', 'Tokens in'],
  ['outputTokens', 'Tokens out'],
  ['reasoningTokens', 'Reasoning'],
  ['cacheReadTokens', 'Read from cache'],
  ['cacheWriteTokens', 'Written to cache'],
]);

/** @param {Usage | undefined} usage @returns {[string, unknown][]} */
export const usageFacts = (usage) => [
  ['Model', usage?.model],
  ...counts.map(([key, name]) => /** @type {[string, unknown]} */ ([name, usage?.[key] && formatCount(usage[key])])),
  ['Cost', formatCost(usage?.costUsd) && html`<${Cost} costUsd=${usage?.costUsd} isComputed=${usage?.costComputed} />`],
];

/** @param {Step} step @param {Session} session @returns {[string, unknown][]} */
export function stepFacts(step, session) {
  const began = Date.parse(session.startedAt ?? session.createdAt);
  const after = Date.parse(step.startedAt) - began;
  return [
    ['Started', `${formatMoment(step.startedAt)} (${after < 0 ? '-' : '+'}${formatDuration(Math.abs(after))})`],
    ['Duration', step.durationMs !== undefined && formatDuration(step.durationMs)],
    ...usageFacts(step.usage),
    ['Number', formatCount(step.stepNumber)],
  ];
}

/** @param {{ facts: [string, any][] }} props */
export function Facts({ facts }) {
  return html`<dl class="facts">${facts
    .filter(([, value]) => value)
    .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
