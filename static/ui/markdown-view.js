// SPDX-License-Identifier: Apache-2.0
// Markdown on the screen: whole texts, and texts that grow.
import { html, useElement, useLayoutEffect } from '../html.js';
import { splitBlocks } from '../blocks.js';
import { markdownFragment, markMentions } from '../markdown.js';

const parseEvery = 100;
const plainAbove = 16384;

/** @param {{ text: string, mentions?: Mention[] }} props */
export function Markdown({ text, mentions = [] }) {
  const root = useElement();
  const slugs = mentions.map((mention) => mention.slug).join(' ');
  useLayoutEffect(() => {
    const fragment = markdownFragment(text);
    if (slugs) markMentions(fragment, slugs.split(' '));
    root.current.replaceChildren(fragment);
  }, [text, slugs]);
  return html`<div class="md" ref=${root}></div>`;
}

/** @param {string} text */
function blockElement(text) {
  const element = document.createElement('div');
  if (text.length > plainAbove) {
    element.className = 'plain';
    element.textContent = text;
  } else element.append(markdownFragment(text));
  return element;
}

const inside = 'p, li, h4, h5, h6, code, td, th, blockquote, .plain';

// Finds where the next character will appear.
/** @param {HTMLElement} element */
function endOf(element) {
  const places = element.querySelectorAll(inside);
  return places.length > 0 ? places[places.length - 1] : element;
}

// Grows a text in `root`. Finished blocks stay as they are. The last one is parsed again at most every 100 ms, and what
// has arrived since stands at its end as plain text.
/** @param {HTMLElement} root */
export function createGrowingText(root) {
  /** @type {{ text: string, element: HTMLElement }[]} */
  const blocks = [];
  const tail = document.createElement('span');
  const cursor = document.createElement('span');
  cursor.className = 'cursor';
  let parsed = '';
  let parsedAt = 0;

  /** @param {string} text @param {number} now */
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

  // What the reader has selected is not replaced: until the selection goes, new text only joins the end.
  function isSelected() {
    const selection = getSelection();
    return Boolean(selection && !selection.isCollapsed && selection.containsNode(root, true));
  }

  return {
    /** @param {string} text @param {number} now */
    show(text, now) {
      const shown = parsed + tail.textContent;
      if (text === parsed && tail.textContent === '') return;
      if (text.startsWith(shown) && isSelected()) {
        if (text !== shown) tail.append(text.slice(shown.length));
      } else if (now - parsedAt >= parseEvery || !text.startsWith(parsed)) parse(text, now);
      else if (text.startsWith(shown)) tail.append(text.slice(shown.length));
      else tail.textContent = text.slice(parsed.length);
    },
  };
}
