// SPDX-License-Identifier: Apache-2.0
// Marks the found words where they stand, with the browser's own highlights, so that no element is touched. A browser
// without them marks the rows only.
import { useEffect } from '../html.js';

const name = 'found';
const most = 2000;
const places = '.step-body, .step-excerpt, .tree-title, .panel-content, .panel-title';

/** @param {HTMLElement} root @param {string} wanted */
function rangesOf(root, wanted) {
  /** @type {Range[]} */
  const ranges = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && ranges.length < most) {
    const node = /** @type {Text} */ (walker.currentNode);
    const text = node.data.toLowerCase();
    for (let at = text.indexOf(wanted); at >= 0 && at < node.length; at = text.indexOf(wanted, at + wanted.length)) {
      if (!node.parentElement?.closest(places)) break;
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, Math.min(node.length, at + wanted.length));
      ranges.push(range);
    }
  }
  return ranges;
}

/** @param {{ current: HTMLElement }} root @param {string} text */
export function useMarks(root, text) {
  useEffect(() => {
    const { highlights } = CSS;
    if (!highlights || text === '') return undefined;
    const wanted = text.toLowerCase();
    /** @type {number | null} */
    let frame = null;
    const mark = () => {
      frame = null;
      highlights.set(name, new Highlight(...rangesOf(root.current, wanted)));
    };
    const observer = new MutationObserver(() => (frame ??= requestAnimationFrame(mark)));
    observer.observe(root.current, { childList: true, subtree: true, characterData: true });
    mark();
    return () => {
      observer.disconnect();
      if (frame !== null) cancelAnimationFrame(frame);
      highlights.delete(name);
    };
  }, [text]);
}
