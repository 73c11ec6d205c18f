// Untrusted Markdown → elements. The only module that makes elements out of text. Raw HTML is shown as text, images
// become links; what marked makes of it goes through DOMPurify with a list of what is allowed, and comes back as a
// fragment, never as a string.
import { Marked } from './vendor/marked.js';
import DOMPurify from './vendor/dompurify.js';

const memoSize = 400;
const safeUrl = /^(?:https?:|mailto:|\/(?![/\\]))/i;
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => escapes[character]);

const renderer = {
  html: ({ text }) => escapeHtml(text),
  image: ({ href, text }) => `<a href="${escapeHtml(href ?? '')}">${escapeHtml(text || 'image')}</a>`,
  checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
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
  const domain = link.hostname.replace(/^www\./, '');
  if (link.textContent.includes(domain)) return;
  const shown = document.createElement('span');
  shown.className = 'domain';
  shown.textContent = ` (${domain})`;
  link.append(shown);
}

function finish(fragment) {
  fragment.querySelectorAll('a').forEach(finishLink);
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

// A fresh copy of the text's elements.
export function markdownFragment(text) {
  let fragment = memo.get(text);
  if (!fragment) {
    fragment = finish(DOMPurify.sanitize(marked.parse(text), policy));
    if (memo.size >= memoSize) memo.delete(memo.keys().next().value);
    if (text.length < 65536) memo.set(text, fragment);
  }
  return fragment.cloneNode(true);
}

// Marks `@slug` of those who were really mentioned.
export function markMentions(root, slugs) {
  if (slugs.length === 0) return;
  const pattern = new RegExp(`@(?:${slugs.map((slug) => slug.replace(/[^\w-]/g, '\\$&')).join('|')})(?![\\w-])`, 'gi');
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest('a, code')) nodes.push(walker.currentNode);
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
