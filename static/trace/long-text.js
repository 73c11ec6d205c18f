// Text of any length: short as it is; over 500 characters folded; over 16 KiB fetched whole on demand and shown in
// pieces of 64 KiB.
import { html, useState } from '../html.js';
import { Markdown } from '../ui/markdown-view.js';
import { complain } from '../ui/announce.js';
import { loadWholeStep } from '../load.js';
import { workspace } from '../store.js';
import { formatCount } from '../time.js';
import { rowMemory } from './memory.js';

const foldAbove = 500;
const pieceSize = 65536;
const markdownBelow = 16384;

function lines(text) {
  const end = text.lastIndexOf('\n', 400);
  return `${text.slice(0, end > 200 ? end : 400).trimEnd()} …`;
}

function Text({ text, markdown, plain }) {
  if (markdown && text.length <= markdownBelow) return html`<${Markdown} text=${text} />`;
  return html`<div class=${plain ? 'plain plain-code' : 'plain'}>${text}</div>`;
}

export function LongText({ step, text, markdown = false, plain = false }) {
  const [, redraw] = useState(0);
  const memory = rowMemory(step.id);
  const whole = memory.whole ?? text;
  const length = step.truncated ? (step.contentLength ?? text.length) : text.length;
  if (length <= foldAbove) return html`<${Text} text=${text} markdown=${markdown} plain=${plain} />`;

  async function open() {
    memory.unfolded = !memory.unfolded;
    redraw((n) => n + 1);
    if (!memory.unfolded || !step.truncated || memory.whole !== undefined) return;
    try {
      const { content } = await loadWholeStep(workspace.peek().id, step.sessionId, step.id);
      memory.whole = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
    } catch (error) {
      complain(`The full result could not be loaded: ${error.message}`);
    }
    redraw((n) => n + 1);
  }

  function more() {
    memory.pieces = (memory.pieces ?? 1) + 1;
    redraw((n) => n + 1);
  }

  const shownLength = (memory.pieces ?? 1) * pieceSize;
  const shown = memory.unfolded ? whole.slice(0, shownLength) : lines(text);
  return html`<div>
    <${Text} text=${shown} markdown=${markdown} plain=${plain} />
    <p class="unfold">
      <button type="button" class="quiet-link" aria-expanded=${memory.unfolded ? 'true' : 'false'} onClick=${open}>
        ${memory.unfolded ? 'Show less' : `Show full result (${formatCount(length)} characters)`}
      </button>
      ${
        memory.unfolded &&
        whole.length > shownLength &&
        html`<button type="button" class="quiet-link" onClick=${more}>
        Show more (${formatCount(whole.length - shownLength)} characters left)</button>`
      }
    </p>
  </div>`;
}
