// SPDX-License-Identifier: Apache-2.0
// A text as lines: output, code, a diff. Long ones are folded by lines and, once unfolded, mounted piece by piece, so that
// the first lines of a mebibyte are there at once; what is out of sight costs no layout. The box never scrolls up or
// down inside itself, so it never swallows the wheel.
import { cls, html, useEffect, useElement, useMemo, useState } from '../html.js';
import { cutText } from '../blocks.js';
import { settings, settingsSet } from '../settings.js';
import { formatCount } from '../time.js';
import { plural } from '../trace/phase.js';
import { codeClasses, useCode } from './code.js';
import { CopyButton } from './copy.js';
import { isUnifiedDiff, readUnified } from './diff.js';
import { useLine } from './line-link.js';
import { linesOf } from './lines.js';

const foldAbove = 24;
const foldedLines = 16;
const foldedLength = 4000;
const pieceLines = 200;

/** @param {import('./lines.js').Style} style */
function classesOf(style) {
  const { fg, bg, bold, faint, italic, underline, strike, inverse } = style;
  return cls({
    [`ansi-${fg}`]: typeof fg === 'number',
    [`ansi-bg-${bg}`]: typeof bg === 'number',
    'ansi-bold': bold,
    'ansi-faint': faint,
    'ansi-italic': italic,
    'ansi-underline': underline,
    'ansi-strike': strike,
    'ansi-inverse': inverse,
  });
}

/** @param {{ segment: import('./lines.js').Segment }} props */
function Piece({ segment }) {
  if (segment.control) return html`<span class="control">${segment.text}</span>`;
  if (!segment.style) return segment.text;
  const { fg, bg } = segment.style;
  const colours = {
    color: typeof fg === 'string' ? fg : undefined,
    backgroundColor: typeof bg === 'string' ? bg : undefined,
  };
  return html`<span class=${classesOf(segment.style)} style=${colours}>${segment.text}</span>`;
}

/**
 * @typedef {{ segments: import('./lines.js').Segment[], sign?: string, classes?: string }} Line
 * @param {string} text @param {import('./diff.js').DiffLine[] | undefined} diff @returns {Line[]}
 */
function readLines(text, diff) {
  const lines = diff ?? (isUnifiedDiff(text) ? readUnified(text) : null);
  if (!lines) return linesOf(text).map((segments) => ({ segments }));
  return lines.map((line) => ({
    segments: linesOf(line.text)[0] ?? [],
    sign: line.sign,
    classes: signClasses[line.sign],
  }));
}

/** @type {Record<string, string>} */
const signClasses = { '+': 'is-in', '-': 'is-out', '@': 'is-hunk', '#': 'is-hunk', ' ': '' };
/** @type {Record<string, string>} */
const signWords = { '+': '+', '-': '−', ' ': ' ', '@': '', '#': '' };

/** @param {{ lines: Line[], from: number, tokens: import('./code.js').Token[][] | null, isDiff: boolean,
 *   marked: import('./line-link.js').Range, current: number }} props */
function Lines({ lines, from, tokens, isDiff, marked, current }) {
  return html`<div class="block-piece">${lines.map((line, index) => {
    const marks = tokens?.[from + index];
    const n = from + index + 1;
    const states = { 'is-marked': n >= marked.from && n <= marked.to, 'is-current': n === current };
    return html`<div key=${index} class=${cls('line', line.classes, states)} data-n=${n}>
      ${isDiff && html`<span class="sign">${signWords[line.sign ?? ' ']}</span>`}
      <span class="line-text">${
        marks
          ? marks.map(({ text, scope }) => (scope ? html`<span class=${codeClasses(scope)}>${text}</span>` : text))
          : line.segments.map((segment) => html`<${Piece} segment=${segment} />`)
      }${line.segments.length === 0 ? '\n' : ''}</span></div>`;
  })}</div>`;
}

// How many pieces are mounted: one more each frame.
/** @param {number} wanted */
function usePieces(wanted) {
  const [mounted, setMounted] = useState(1);
  useEffect(() => {
    if (mounted >= wanted) return undefined;
    const frame = requestAnimationFrame(() => setMounted((n) => n + 2));
    return () => cancelAnimationFrame(frame);
  }, [mounted, wanted]);
  return Math.min(mounted, wanted);
}

// A piece that stands is not made again when the next one comes, nor when a line of another one is marked, or each would
// cost as much as all of them.
/** @param {{ shown: Line[], pieces: number, tokens: import('./code.js').Token[][] | null, isDiff: boolean,
 *   marked: import('./line-link.js').Range, current: number }} what @returns {any[]} */
function useRendered({ shown, pieces, tokens, isDiff, marked, current }) {
  const made = useMemo(() => /** @type {{ signs: string, node: any }[]} */ ([]), [shown, tokens, isDiff]);
  for (let at = 0; at < pieces; at++) {
    const [from, end] = [at * pieceLines, (at + 1) * pieceLines];
    const isHere = current > from && current <= end;
    const isMarked = marked.to > from && marked.from <= end;
    const signs = `${isMarked ? `${marked.from} ${marked.to}` : ''} ${isHere ? current : ''}`;
    if (made[at]?.signs === signs) continue;
    const node = html`<${Lines} key=${at} from=${from} lines=${shown.slice(from, end)} tokens=${tokens} isDiff=${isDiff}
      marked=${marked} current=${isHere ? current : 0} />`;
    made[at] = { signs, node };
  }
  return made.slice(0, pieces).map(({ node }) => node);
}

/**
 * @param {{ text: string, label: string, isNumbered?: boolean, language?: string,
 *   diff?: import('./diff.js').DiffLine[] }} props
 */
export function TextBlock({ text, label, isNumbered = true, language, diff }) {
  const root = useElement();
  const [unfolded, setUnfolded] = useState(false);
  const lines = useMemo(() => readLines(text, diff), [text, diff]);
  const isDiff = lines.some((line) => line.sign !== undefined);
  const isLong = lines.length > foldAbove || text.length > foldedLength * 2;
  const tokens = useCode(isDiff ? undefined : language, text);
  const shown = useMemo(() => {
    if (!isLong || unfolded) return lines;
    return (diff ? lines : readLines(cutText(text, foldedLength), undefined)).slice(0, foldedLines);
  }, [lines, isLong, unfolded]);
  const wanted = Math.ceil(shown.length / pieceLines);
  const pieces = usePieces(wanted);
  const { marked, current, onPress, stop } = useLine({
    root,
    label,
    count: isNumbered ? lines.length : 0,
    textOf: (line) => lines[line - 1].segments.map((segment) => segment.text).join(''),
    isShown: (line) => line <= shown.length,
    unfold: () => setUnfolded(true),
  });
  const rendered = useRendered({ shown, pieces, tokens, isDiff, marked, current });
  const { wrap } = settings.value;

  function toggle() {
    setUnfolded(!unfolded);
    // A box that is folded from its end stays in view.
    if (unfolded) requestAnimationFrame(() => root.current?.scrollIntoView({ block: 'nearest' }));
  }

  const size = `${plural(lines.length, 'line')}, ${formatCount(text.length)} characters`;
  return html`<div class=${cls('text-block', { 'is-wrapped': wrap, 'is-numbered': isNumbered && lines.length > 1, 'is-diff': isDiff })}
    ref=${root} role="group" aria-label=${label}>
    <div class="block-head"><span class="block-label">${label}</span>
      ${lines.length > 1 && html`<span class="faint">${size}</span>`}
      <span class="block-tools">
      <button type="button" class="quiet-link" aria-pressed=${String(wrap)} onClick=${() => settingsSet({ wrap: !wrap })}>
        Wrap</button>
      <${CopyButton} text=${() => text} label=${`Copy: ${label}`}>Copy<//></span></div>
    <div class="block-lines scroll-x" tabindex=${wrap ? undefined : 0} role=${wrap ? undefined : 'group'}
      aria-label=${wrap ? undefined : label} onClick=${onPress}>
      ${stop}${rendered}
    </div>
    ${
      isLong &&
      html`<p class="block-fold"><button type="button" class="quiet-link" aria-expanded=${String(unfolded)}
      onClick=${toggle}>${unfolded ? 'Show less' : `Show all (${size})`}</button></p>`
    }
  </div>`;
}
