// A message of any length: over 6,000 characters its beginning, then as much more as the reader asks for, so that one
// paste neither buries a conversation nor freezes it.
import { html, useState } from '../html.js';
import { cutText, gatherBlocks } from '../blocks.js';
import { formatCount } from '../time.js';
import { Markdown } from './markdown-view.js';

const foldAbove = 6000;
const foldedLength = 4000;
const pieceLength = 65536;
const parsedAtOnce = 16384;

function Part({ text, mentions }) {
  return text.length > parsedAtOnce
    ? html`<div class="plain">${text}</div>`
    : html`<${Markdown} text=${text} mentions=${mentions} />`;
}

// Parsed by parts, so that none takes long.
export function MarkdownParts({ text, mentions }) {
  return gatherBlocks(text, parsedAtOnce).map((part, index) => html`<${Part} key=${index} text=${part} mentions=${mentions} />`);
}

export function LongMarkdown({ text, mentions }) {
  const [pieces, setPieces] = useState(0);
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
