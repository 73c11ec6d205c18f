// SPDX-License-Identifier: Apache-2.0
// What the session's model was told first: its system prompt and its tools, folded, and asked for when one is opened.
import { html, useState } from '../html.js';
import { Value } from '../content/value.js';
import { loadInstructions } from '../load.js';
import { Unreachable, useRetry } from '../ui/notices.js';
import { MarkdownParts } from '../ui/long-markdown.js';

/** @typedef {{ systemPrompt?: string, tools?: unknown }} Told */

// A tool as the three common forms of schemas name it.
/** @param {any} tool */
const nameOf = (tool) => tool?.function?.name ?? tool?.name ?? '';

/** @param {{ told: Told | null, problem: ApiError | null, onRetry: () => void, show: (told: Told) => object }} props */
function Inside({ told, problem, onRetry, show }) {
  if (problem) return html`<${Unreachable} error=${problem} onRetry=${onRetry} />`;
  return told ? show(told) : html`<div class="skeleton" aria-busy="true"></div>`;
}

/** @param {Told} told */
const promptOf = ({ systemPrompt }) =>
  systemPrompt
    ? html`<div class="said"><${MarkdownParts} text=${systemPrompt} /></div>`
    : html`<p class="faint">It was told none.</p>`;

/** @param {Told} told */
const toolsOf = ({ tools }) =>
  Array.isArray(tools) && tools.length > 0
    ? html`<p class="faint">${tools.map(nameOf).filter(Boolean).join(', ')}</p><${Value} value=${tools} label="Tools" />`
    : html`<p class="faint">It was offered none.</p>`;

/** @param {{ session: Session }} props */
export function Instructions({ session }) {
  const [told, setTold] = useState(/** @type {Told | null} */ (null));
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  function ask() {
    setProblem(null);
    loadInstructions(session.workspaceId, session.id).then(setTold, setProblem);
  }
  useRetry(problem, ask);
  /** @param {any} event */
  const onToggle = ({ target }) => target.open && !told && ask();
  return html`${[
    ['System prompt', promptOf],
    ['Tools', toolsOf],
  ].map(
    ([label, show]) => html`<details class="details" key=${label} onToggle=${onToggle}><summary>${label}</summary>
      <${Inside} told=${told} problem=${problem} onRetry=${ask} show=${show} /></details>`,
  )}`;
}
