// SPDX-License-Identifier: Apache-2.0
// Turns untrusted Markdown into elements. No other module makes elements out of text. Raw HTML is shown as text, and
// images become links. The output of marked passes DOMPurify with a list of what is allowed, and is returned as a
// fragment, never as a string.
import { domainOf } from './domain.js';
import { Marked } from './vendor/marked.js';
import DOMPurify from './vendor/dompurify.js';

const memoSize = 400;
const safeUrl = /^(?:https?:|mailto:|\/(?![/\\]))/i;
/** @type {Record<string, string>} */
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** @param {string} text */
const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => escapes[character]);

const renderer = {
  /** @param {{ text: string }} options */
  html: ({ text }) => escapeHtml(text),
  /** @param {{ href: string, text: string }} options */
  image: ({ href, text }) => `<a href="${escapeHtml(href ?? '')}">${escapeHtml(text || 'image')}</a>`,
  /** @param {{ checked: boolean }} options */
  checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  /** @this {any} @param {{ tokens: any, depth: number }} options */
  heading({ tokens, depth }) {
    const level = Math.min(6, depth + 3);
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
  },
};
const marked = new Marked({ gfm: true, breaks: true, renderer });

const policy = {
  ALLOWED_TAGS: [
    'p',
    'br',
    'hr',
    'em',
    'strong',
    'del',
    'code',
    'pre',
    'blockquote',
    'ul',
    'ol',
    'li',
    'a',
    'h4',
    'h5',
    'h6',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
  ],
  ALLOWED_ATTR: ['href', 'title', 'start', 'align'],
  // Every other value is held against ALLOWED_URI_REGEXP.
  ADD_URI_SAFE_ATTR: ['start', 'align'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: safeUrl,
  RETURN_DOM_FRAGMENT: true,
};

// True if the link's text names the host that it leads to and nothing else, so that nobody can be misled. Spaces, letters
// other than Latin ones, or a name before the host can make a text look like another address.
/** @param {HTMLAnchorElement} link */
function isNamedByText(link) {
  const text = link.textContent;
  if (!/^[!-?A-~]+$/.test(text)) return false;
  return domainOf(/^https?:/i.test(text) ? text : `https://${text}`) === domainOf(link.href);
}

/** @param {HTMLAnchorElement} link */
function finishLink(link) {
  const href = link.getAttribute('href');
  if (!href || !safeUrl.test(href.trim())) {
    link.replaceWith(...link.childNodes);
    return;
  }
  if (href.startsWith('/')) return;
  link.rel = 'noopener noreferrer nofollow';
  link.target = '_blank';
  if (!/^https?:/i.test(href)) return;
  if (isNamedByText(link)) return;
  const shown = document.createElement('span');
  shown.className = 'domain';
  shown.textContent = ` (${domainOf(link.href)})`;
  link.append(shown);
}

/** @param {DocumentFragment} fragment */
function finish(fragment) {
  for (const link of fragment.querySelectorAll('a')) finishLink(/** @type {HTMLAnchorElement} */ (link));
  for (const block of fragment.querySelectorAll('pre, table')) {
    const frame = document.createElement('div');
    frame.className = 'scroll-x';
    frame.tabIndex = 0;
    frame.setAttribute('role', 'group');
    frame.setAttribute('aria-label', block.tagName === 'PRE' ? 'Code' : 'Table');
    block.replaceWith(frame);
    frame.append(block);
  }
  return fragment;
}

const memo = new Map();

// Returns a fresh copy of the text's elements.
/** @param {string} text */
export function markdownFragment(text) {
  let fragment = memo.get(text);
  if (!fragment) {
    fragment = finish(/** @type {any} */ (DOMPurify.sanitize(/** @type {string} */ (marked.parse(text)), policy)));
    if (memo.size >= memoSize) memo.delete(memo.keys().next().value);
    if (text.length < 65536) memo.set(text, fragment);
  }
  return fragment.cloneNode(true);
}

// Marks `@slug` for everybody who was really mentioned.
/** @param {DocumentFragment} root @param {string[]} slugs */
export function markMentions(root, slugs) {
  if (slugs.length === 0) return;
  const pattern = new RegExp(`@(?:${slugs.map((slug) => slug.replace(/[^\w-]/g, '\\$&')).join('|')})(?![\\w-])`, 'gi');
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const nodes = [];
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    if (!node.parentElement?.closest('a, code')) nodes.push(node);
  }
  for (const node of nodes) {
    const text = node.data;
    let last = 0;
    const parts = [];
    for (const found of text.matchAll(pattern)) {
      const mark = document.createElement('span');
      mark.className = 'mention';
      mark.textContent = found[0];
      parts.push(text.slice(last, found.index), mark);
      last = found.index + found[0].length;
    }
    if (parts.length > 0) node.replaceWith(...parts, text.slice(last));
  }
}
