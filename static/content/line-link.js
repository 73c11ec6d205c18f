// SPDX-License-Identifier: Apache-2.0
// A link to lines, in the panel of a step, whose address names the step: `#L120` is a line of the step's first numbered
// text, `#L120-L130` some lines of it, `#L120.2` a line of its second. A press on a number puts it into the address, with
// Shift up to this one; so does Enter on the text's one tab stop, which arrows move from line to line. A panel says whose
// it is (`data-of`). On the page of a share the lines stand behind its secret (links.js).
import { html, useLayoutEffect, useState } from '../html.js';
import { addressWith, fragment } from '../links.js';
import { isShared } from '../store.js';
import { formatCount } from '../time.js';
import { announce } from '../ui/announce.js';

const pattern = /^L([1-9]\d*)(?:-L([1-9]\d*))?(?:\.([1-9]\d*))?$/;
const pageLines = 20;
const spokenLength = 200;

// While a trace is replayed, the panel shows other steps than the one that the address names.
/** @param {string | null | undefined} stepId */
export const lineCan = (stepId) => Boolean(stepId) && `${location.pathname}${location.search}`.includes(`${stepId}`);

// What the address of a step is followed by if this address names lines of it, else nothing.
/** @param {string | null} stepId */
export const lineHash = (stepId) =>
  lineCan(stepId) && pattern.test(fragment().line) ? `${isShared.peek() ? '&' : '#'}${fragment().line}` : '';

// Which of the numbered texts of its step an element is, from 1; 0: none, or of no step that the address names.
/** @param {HTMLElement} element */
function placeOf(element) {
  /** @type {HTMLElement | null} */
  const panel = element.closest('.panel-content');
  if (!panel || !lineCan(panel.dataset.of)) return 0;
  return [...panel.querySelectorAll('.text-block.is-numbered')].indexOf(element) + 1;
}

/** @typedef {{ from: number, to: number }} Range */
const none = { from: 0, to: 0 };

/** @param {Range} range */
const rangeText = ({ from, to }) => (from === to ? `L${from}` : `L${from}-L${to}`);

// The lines that the address names, if they are this text's.
/** @param {HTMLElement} element @param {number} count @returns {Range} */
function namedLines(element, count) {
  const [, first, last = first, place = '1'] = pattern.exec(fragment().line) ?? [];
  const [from, to] = [Number(first), Number(last)].sort((a, b) => a - b);
  return first && to <= count && placeOf(element) === Number(place) ? { from, to } : none;
}

/** @type {Record<string, (at: number, count: number) => number>} */
const moves = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at) => at + pageLines,
  PageUp: (at) => at - pageLines,
  Home: () => 1,
  End: (_at, count) => count,
};

/** @param {{ label: string, at: number, count: number, textOf: (line: number) => string, setAt: (at: number) => void,
 *   setFocused: (isFocused: boolean) => void, onEnter: (line: number, isRange: boolean) => void }} props */
function Stop({ label, at, count, textOf, setAt, setFocused, onEnter }) {
  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== 'Enter' && !moves[event.key])) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Enter') return onEnter(at, event.shiftKey);
    setAt(Math.max(1, Math.min(count, moves[event.key](at, count))));
  }
  return html`<span class="visually-hidden" data-line-stop role="spinbutton" tabindex="0" aria-label=${`Line of ${label}`}
    aria-description="Enter links to it, Shift and Enter up to it" aria-valuemin="1" aria-valuemax=${count}
    aria-valuenow=${at} aria-valuetext=${`Line ${formatCount(at)}: ${textOf(at).slice(0, spokenLength)}`}
    onKeyDown=${onKeyDown} onFocus=${() => setFocused(true)} onBlur=${() => setFocused(false)}></span>`;
}

// The lines that are marked and the one that the keys have reached, what a press on a number does, and the tab stop. For a
// line that is not shown the text is unfolded; it is scrolled to once, as soon as it is mounted.
/**
 * @param {{ root: { current: HTMLElement }, count: number, label: string, textOf: (line: number) => string,
 *   isShown: (line: number) => boolean, unfold: () => void }} block a count of 0: without numbers
 */
export function useLine({ root, count, label, textOf, isShown, unfold }) {
  const [marked, setMarked] = useState(/** @type {Range} */ (none));
  const [held, setAt] = useState(1);
  const [isFocused, setFocused] = useState(false);
  const [wanted, setWanted] = useState(/** @type {{ line: number, block: ScrollLogicalPosition } | null} */ (null));
  const [isLinked, setLinked] = useState(false);
  const at = Math.min(held, count);

  /** @param {number} line @param {ScrollLogicalPosition} block */
  function reach(line, block) {
    setAt(line);
    setWanted({ line, block });
    if (!isShown(line)) unfold();
  }
  useLayoutEffect(() => {
    setLinked(count > 1 && placeOf(root.current) > 0);
  });
  useLayoutEffect(() => {
    const range = namedLines(root.current, count);
    if (range.from === 0) return;
    setMarked(range);
    reach(range.from, 'center');
  }, []);
  useLayoutEffect(() => {
    const element = wanted && root.current.querySelector(`[data-n="${wanted.line}"]`);
    if (!element) return;
    element.scrollIntoView({ block: wanted.block });
    setWanted(null);
  });

  /** @param {number} line @param {boolean} isRange */
  function link(line, isRange) {
    const place = placeOf(root.current);
    if (place === 0) return;
    const anchor = isRange && marked.from > 0 ? marked.from : line;
    const range = { from: Math.min(anchor, line), to: Math.max(anchor, line) };
    setAt(line);
    setMarked(range);
    const text = `${rangeText(range)}${place > 1 ? `.${place}` : ''}`;
    history.replaceState(history.state, '', addressWith(text));
    announce(
      range.from === range.to
        ? `The address names line ${line}`
        : `The address names lines ${range.from} to ${range.to}`,
    );
  }
  /** @param {any} event */
  function onPress({ target, shiftKey }) {
    // The number is no element: a press on it is one on the line, but on none of its texts.
    if (target.matches('.line')) link(Number(target.dataset.n), shiftKey);
  }
  const stop =
    isLinked &&
    html`<${Stop} label=${label} at=${at} count=${count} textOf=${textOf} setFocused=${(/** @type {boolean} */ now) => {
      setFocused(now);
      if (now) reach(at, 'nearest');
    }} setAt=${(/** @type {number} */ line) => reach(line, 'nearest')} onEnter=${link} />`;
  return { marked, current: isFocused ? at : 0, onPress, stop };
}
