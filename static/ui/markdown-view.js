// Markdown on the screen: whole texts, and texts that grow.
import { html, useLayoutEffect, useRef } from '../html.js';
import { splitBlocks } from '../blocks.js';
import { markdownFragment, markMentions } from '../markdown.js';

const parseEvery = 100;
const plainAbove = 16384;

export function Markdown({ text, mentions = [] }) {
  const root = useRef(null);
  const slugs = mentions.map((mention) => mention.slug).join(' ');
  useLayoutEffect(() => {
    const fragment = markdownFragment(text);
    if (slugs) markMentions(fragment, slugs.split(' '));
    root.current.replaceChildren(fragment);
  }, [text, slugs]);
  return html`<div class="md" ref=${root}></div>`;
}

function blockElement(text) {
  const element = document.createElement('div');
  if (text.length > plainAbove) {
    element.className = 'plain';
    element.textContent = text;
  } else element.append(markdownFragment(text));
  return element;
}

const inside = 'p, li, h4, h5, h6, code, td, th, blockquote, .plain';

// Where the next character will appear.
function endOf(element) {
  const places = element.querySelectorAll(inside);
  return places.length > 0 ? places[places.length - 1] : element;
}

// Grows a text in `root`. Blocks that are finished stay as they are; the last one is parsed again at most every 100
// ms, and what came since then stands at its end as plain text.
export function createGrowingText(root) {
  const blocks = [];
  const tail = document.createElement('span');
  const cursor = document.createElement('span');
  cursor.className = 'cursor';
  let parsed = '';
  let parsedAt = 0;

  function parse(text, now) {
    tail.remove();
    cursor.remove();
    const texts = splitBlocks(text);
    texts.forEach((blockText, index) => {
      if (blocks[index]?.text === blockText) return;
      const element = blockElement(blockText);
      if (blocks[index]) blocks[index].element.replaceWith(element);
      else root.append(element);
      blocks[index] = { text: blockText, element };
    });
    for (const { element } of blocks.splice(texts.length)) element.remove();
    parsed = text;
    parsedAt = now;
    tail.textContent = '';
    const end = endOf(blocks.length > 0 ? blocks[blocks.length - 1].element : root);
    end.append(tail, cursor);
  }

  return {
    show(text, now) {
      if (text === parsed && tail.textContent === '') return;
      if (now - parsedAt >= parseEvery || !text.startsWith(parsed)) parse(text, now);
      else tail.textContent = text.slice(parsed.length);
    },
  };
}
