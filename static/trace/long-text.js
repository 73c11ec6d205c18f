// SPDX-License-Identifier: Apache-2.0
// Text of any length. A short text is shown as it is, over 500 characters it is folded, and over 16 KiB it is fetched
// whole on demand and shown in pieces of 64 KiB.
import { cutCharacters } from '../blocks.js';
import { html, useState } from '../html.js';
import { MarkdownParts } from '../ui/long-markdown.js';
import { complain } from '../ui/announce.js';
import { exactText } from '../exact.js';
import { loadWholeStep } from '../load.js';
import { workspace } from '../store.js';
import { formatCount } from '../time.js';
import { rowMemory } from './memory.js';

const foldAbove = 500;
const pieceSize = 65536;

/** @param {string} text */
function lines(text) {
  const end = text.lastIndexOf('\n', 400);
  return `${(end > 200 ? text.slice(0, end) : cutCharacters(text, 400)).trimEnd()} …`;
}

/** @param {{ text: string, markdown?: boolean, plain?: boolean }} props */
function Text({ text, markdown, plain }) {
  if (markdown) return html`<${MarkdownParts} text=${text} />`;
  return html`<div class=${plain ? 'plain plain-code' : 'plain'}>${text}</div>`;
}

// Returns the longest version at hand: the fetched text, the text that was written before the reader's eyes, or the
// list's copy, which may be its beginning only.
/** @param {Step} step @param {string} text @param {RowMemory} memory */
function mostOf(step, text, memory) {
  if (!step.truncated) return { best: text, isCut: false };
  // A step that has changed since it was fetched has another text.
  if (memory.whole?.seq === step.seq) return { best: memory.whole.text, isCut: false };
  if (memory.watched?.text.startsWith(text))
    return { best: memory.watched.text, isCut: memory.watched.bytes < (step.contentLength ?? 0) };
  return { best: text, isCut: true };
}

/** @param {{ step: Step, text: string, markdown?: boolean, plain?: boolean }} props */
export function LongText({ step, text, markdown = false, plain = false }) {
  const [, redraw] = useState(0);
  const memory = rowMemory(step.id);
  const { best, isCut } = mostOf(step, text, memory);
  const length = step.truncated ? (step.contentLength ?? text.length) : text.length;
  if (length <= foldAbove) return html`<${Text} text=${text} markdown=${markdown} plain=${plain} />`;
  const pieces = memory.pieces ?? Math.max(1, Math.ceil((memory.watched?.text.length ?? 0) / pieceSize));

  async function load() {
    memory.isLoading = true;
    redraw((n) => n + 1);
    try {
      const { content, seq } = await loadWholeStep(workspace.peek().id, step.sessionId, step.id);
      memory.whole = { seq, text: typeof content === 'string' ? content : exactText(content, 2) };
    } catch (error) {
      complain(`The full result could not be loaded: ${error.message}`);
    }
    memory.isLoading = false;
    redraw((n) => n + 1);
  }

  function toggle() {
    memory.unfolded = !memory.unfolded;
    redraw((n) => n + 1);
    if (memory.unfolded && isCut) load();
  }

  function more() {
    memory.pieces = pieces + 1;
    redraw((n) => n + 1);
  }

  const full = `Show full result (${formatCount(length)} characters)`;
  const shownLength = pieces * pieceSize;
  const shown = memory.unfolded ? best.slice(0, shownLength) : lines(text);
  return html`<div>
    <${Text} text=${shown} markdown=${markdown} plain=${plain} />
    <p class="unfold">
      <button type="button" class="quiet-link" aria-expanded=${memory.unfolded ? 'true' : 'false'} onClick=${toggle}>
        ${memory.unfolded ? 'Show less' : full}
      </button>
      ${
        memory.unfolded &&
        isCut &&
        !memory.isLoading &&
        html`<button type="button" class="quiet-link" onClick=${load}>${full}</button>`
      }
      ${
        memory.unfolded &&
        best.length > shownLength &&
        html`<button type="button" class="quiet-link" onClick=${more}>
        Show more (${formatCount(best.length - shownLength)} characters left)</button>`
      }
    </p>
  </div>`;
}
