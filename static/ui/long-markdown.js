// SPDX-License-Identifier: Apache-2.0
// A message of any length. Over 6,000 characters its beginning is shown, then as much more as the reader asks for, so
// that one paste neither buries a conversation nor freezes it.
import { html, useState } from '../html.js';
import { cutText, gatherBlocks } from '../blocks.js';
import { formatCount } from '../time.js';
import { Markdown } from './markdown-view.js';

const foldAbove = 6000;
const foldedLength = 4000;
const pieceLength = 65536;
const parsedAtOnce = 16384;

/** @param {{ text: string, mentions?: Mention[] }} props */
function Part({ text, mentions }) {
  return text.length > parsedAtOnce
    ? html`<div class="plain">${text}</div>`
    : html`<${Markdown} text=${text} mentions=${mentions} />`;
}

// The text is parsed in parts, so that none takes long.
/** @param {{ text: string, mentions?: Mention[] }} props */
export function MarkdownParts({ text, mentions }) {
  return gatherBlocks(text, parsedAtOnce).map(
    (part, index) => html`<${Part} key=${index} text=${part} mentions=${mentions} />`,
  );
}

// `onWhole`: fetches the whole of a text of which only the beginning is here.
/** @param {{ text: string, mentions?: Mention[], onWhole?: (() => Promise<unknown>) | undefined }} props */
export function LongMarkdown({ text, mentions, onWhole }) {
  const [pieces, setPieces] = useState(0);
  if (onWhole)
    return html`<div>
      <${MarkdownParts} text=${cutText(text, foldedLength)} mentions=${mentions} />
      <p class="unfold"><button type="button" class="quiet-link"
        onClick=${async () => (await onWhole()) && setPieces(1)}>Show whole message</button></p>
    </div>`;
  if (text.length <= foldAbove) return html`<${Markdown} text=${text} mentions=${mentions} />`;
  const shown = cutText(text, pieces === 0 ? foldedLength : pieces * pieceLength);
  const left = text.length - shown.length;
  return html`<div>
    <${MarkdownParts} text=${shown} mentions=${mentions} />
    <p class="unfold">
      ${
        left > 0 &&
        html`<button type="button" class="quiet-link" onClick=${() => setPieces(pieces + 1)}>
        ${left <= pieceLength ? `Show all (${formatCount(text.length)} characters)` : `Show more (${formatCount(left)} characters left)`}
      </button>`
      }
      ${pieces > 0 && html`<button type="button" class="quiet-link" onClick=${() => setPieces(0)}>Show less</button>`}
    </p>
  </div>`;
}
