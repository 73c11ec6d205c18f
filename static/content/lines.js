// SPDX-License-Identifier: Apache-2.0
// Program output as lines of segments. Pure. ANSI colours and styles become styles; every other control character and
// every override of the writing direction becomes a visible name, so that a text cannot show something that it is not.

/**
 * @typedef {{ fg?: number | string, bg?: number | string, bold?: boolean, faint?: boolean, italic?: boolean,
 *   underline?: boolean, strike?: boolean, inverse?: boolean }} Style
 * @typedef {{ text: string, style?: Style, control?: boolean }} Segment
 */

const c0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US';
const names = new Map(c0.split(' ').map((name, code) => [code, name]));
names.set(0x7f, 'DEL');
for (let code = 0x80; code < 0xa0; code += 1) names.set(code, `U+00${code.toString(16).toUpperCase()}`);
for (const [code, name] of /** @type {[number, string][]} */ ([
  [0x061c, 'ALM'],
  [0x200e, 'LRM'],
  [0x200f, 'RLM'],
  [0x202a, 'LRE'],
  [0x202b, 'RLE'],
  [0x202c, 'PDF'],
  [0x202d, 'LRO'],
  [0x202e, 'RLO'],
  [0x2066, 'LRI'],
  [0x2067, 'RLI'],
  [0x2068, 'FSI'],
  [0x2069, 'PDI'],
  [0xfeff, 'BOM'],
]))
  names.set(code, name);

// Escape sequences: colours and styles (ending in m), other CSI, OSC (titles and links), and two-character ones.
// prettier-ignore
// eslint-disable-next-line no-control-regex
const special = /\u001b\[([\d;:]*)m|\u001b\[[\d;:?<=>!]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[()][0-9A-Z]|([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff])/g;

/** @param {string} text */
export const linesHaveControls = (text) => text.search(special) >= 0;

/** @type {Record<number, (style: Style) => Style>} */
const changes = {
  0: () => ({}),
  1: (style) => ({ ...style, bold: true }),
  2: (style) => ({ ...style, faint: true }),
  3: (style) => ({ ...style, italic: true }),
  4: (style) => ({ ...style, underline: true }),
  7: (style) => ({ ...style, inverse: true }),
  9: (style) => ({ ...style, strike: true }),
  22: (style) => ({ ...style, bold: false, faint: false }),
  23: (style) => ({ ...style, italic: false }),
  24: (style) => ({ ...style, underline: false }),
  27: (style) => ({ ...style, inverse: false }),
  29: (style) => ({ ...style, strike: false }),
  39: (style) => ({ ...style, fg: undefined }),
  49: (style) => ({ ...style, bg: undefined }),
};

// 16 colours are the theme's; the cube, the greys and true colours are as written.
/** @param {number} index */
function indexed(index) {
  if (index < 16) return index;
  if (index >= 232) return `rgb(${[0, 0, 0].map(() => 8 + (index - 232) * 10).join(' ')})`;
  const at = index - 16;
  const part = (/** @type {number} */ n) => (n === 0 ? 0 : 55 + n * 40);
  return `rgb(${part(Math.floor(at / 36))} ${part(Math.floor(at / 6) % 6)} ${part(at % 6)})`;
}

/** @param {number[]} codes @param {number} at @returns {[number | string | undefined, number]} */
function extended(codes, at) {
  if (codes[at + 1] === 5) return [indexed(Math.min(255, codes[at + 2] ?? 0)), at + 2];
  if (codes[at + 1] !== 2) return [undefined, codes.length];
  const parts = codes.slice(at + 2, at + 5).map((part) => Math.min(255, part));
  return [parts.length === 3 ? `rgb(${parts.join(' ')})` : undefined, at + 4];
}

/** @param {Style} style @param {string} text @returns {Style} */
function restyle(style, text) {
  const codes = text.split(/[;:]/).map(Number);
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (code === 38 || code === 48) {
      const [colour, end] = extended(codes, at);
      next = { ...next, [code === 38 ? 'fg' : 'bg']: colour };
      at = end;
    } else if (changes[code]) next = changes[code](next);
    else if (code >= 30 && code <= 37) next = { ...next, fg: code - 30 };
    else if (code >= 40 && code <= 47) next = { ...next, bg: code - 40 };
    else if (code >= 90 && code <= 97) next = { ...next, fg: code - 82 };
    else if (code >= 100 && code <= 107) next = { ...next, bg: code - 92 };
  }
  return next;
}

/** @param {Style} style */
const isPlain = (style) => Object.values(style).every((value) => value === undefined || value === false);

/** @param {string} line @param {Style} style @returns {{ segments: Segment[], style: Style }} */
function segmentsOf(line, style) {
  /** @type {Segment[]} */
  const segments = [];
  let now = style;
  let last = 0;
  /** @param {number} end */
  const take = (end) => {
    if (end > last) segments.push({ text: line.slice(last, end), style: isPlain(now) ? undefined : now });
  };
  for (const found of line.matchAll(special)) {
    take(found.index);
    last = found.index + found[0].length;
    if (found[1] !== undefined) now = restyle(now, found[1]);
    else if (found[2] !== undefined)
      segments.push({ text: names.get(found[2].charCodeAt(0)) ?? found[2], control: true });
  }
  take(line.length);
  return { segments, style: now };
}

// Lines without their ends. Styles go on from line to line, as in a terminal.
/** @param {string} text @returns {Segment[][]} */
export function linesOf(text) {
  const lines = text.split(/\r?\n/);
  if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop();
  if (!linesHaveControls(text)) return lines.map((line) => (line === '' ? [] : [{ text: line }]));
  /** @type {Style} */
  let style = {};
  return lines.map((line) => {
    const read = segmentsOf(line, style);
    style = read.style;
    return read.segments;
  });
}
