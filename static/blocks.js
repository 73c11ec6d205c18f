// SPDX-License-Identifier: Apache-2.0
// Finds where a growing Markdown text may be cut so that the part before the cut never has to be parsed again. Pure.

const fencePattern = /^ {0,3}(`{3,}|~{3,})/;
const continuesPattern = /^(?: {2,}|\t|[-*+] |\d{1,9}[.)] |>|\|)/;

// Splits at blank lines outside code fences, unless what follows may belong to the same list, quote or table.
/** @param {string} text */
export function splitBlocks(text) {
  const blocks = [];
  let start = 0;
  let fence = null;
  let blank = false;
  let position = 0;
  while (position < text.length) {
    let end = text.indexOf('\n', position);
    if (end < 0) end = text.length;
    const line = text.slice(position, end);
    const mark = fencePattern.exec(line);
    if (fence === null) {
      if (blank && line.trim() !== '' && !continuesPattern.test(line) && position > start) {
        blocks.push(text.slice(start, position));
        start = position;
      }
      blank = line.trim() === '';
      if (mark) fence = mark[1];
    } else if (mark && mark[1][0] === fence[0] && mark[1].length >= fence.length && line.trim() === mark[1]) {
      fence = null;
      blank = false;
    }
    position = end + 1;
  }
  if (start < text.length) blocks.push(text.slice(start));
  return blocks;
}

// Cuts at the end of a line or word if one is near, and never inside a character.
/** @param {string} text @param {number} length */
export function cutText(text, length) {
  if (text.length <= length) return text;
  for (const end of ['\n', ' ']) {
    const at = text.lastIndexOf(end, length);
    if (at >= length * 0.8) return text.slice(0, at);
  }
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? length - 1 : length);
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

// The first character as readers see it.
/** @param {string} text */
export const firstCharacter = (text) => characters.segment(text).containing(0)?.segment ?? '';

// The beginning of a text, cut between characters as readers see them.
/** @param {string} text @param {number} length */
export function cutCharacters(text, length) {
  if (text.length <= length) return text;
  let end = 0;
  for (const { index } of characters.segment(text.slice(0, length + 40))) {
    if (index > length) break;
    end = index;
  }
  return text.slice(0, end || length);
}

// Joins whole blocks as long as they have at most `most` characters together.
/** @param {string} text @param {number} most */
export function gatherBlocks(text, most) {
  const parts = [];
  for (const block of splitBlocks(text)) {
    const last = parts.length - 1;
    if (last >= 0 && parts[last].length + block.length <= most) parts[last] += block;
    else parts.push(block);
  }
  return parts;
}
