// SPDX-License-Identifier: Apache-2.0
// Differences of texts by lines, and of lists of words. Pure. A unified diff is recognised; two texts are compared.

/** @typedef {{ sign: ' ' | '+' | '-' | '@' | '#', text: string }} DiffLine */

// Beyond this many lines on each side the middle is shown as taken out and put in, without looking for what it shares.
const mostCompared = 3000;

/** @param {string} text */
export const isUnifiedDiff = (text) =>
  /^@@ -\d+(,\d+)? \+\d+(,\d+)? @@/m.test(text) && /^(diff --git |--- |Index: |@@ )/.test(text.trimStart());

/** @param {string} text @returns {DiffLine[]} */
export function readUnified(text) {
  let inHunk = false;
  return text
    .replace(/\n$/, '')
    .split(/\r?\n/)
    .map((line) => {
      if (line.startsWith('@@')) {
        inHunk = true;
        return { sign: '@', text: line };
      }
      if (/^(diff --git |Index: |--- |\+\+\+ |index |new file|deleted file|rename |similarity )/.test(line)) {
        if (/^(diff --git |Index: )/.test(line)) inHunk = false;
        if (!inHunk || /^(diff --git |Index: )/.test(line)) return { sign: '#', text: line };
      }
      const sign = line[0];
      if (inHunk && (sign === '+' || sign === '-' || sign === ' ')) return { sign, text: line.slice(1) };
      return { sign: inHunk ? ' ' : '#', text: line };
    });
}

/** @param {string} before @param {string} after */
export const compareTexts = (before, after) => compareLists(before.split('\n'), after.split('\n'));

// The longest common subsequence of the differing middle: common heads and tails are set aside first.
/** @param {string[]} a @param {string[]} b @returns {DiffLine[]} */
export function compareLists(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const same = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ sign: ' ', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

/** @param {string[]} a @param {string[]} b @returns {DiffLine[]} */
function middle(a, b) {
  const out = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ sign: '-', text });
  const into = (/** @type {string} */ text) => /** @type {DiffLine} */ ({ sign: '+', text });
  if (a.length === 0 || b.length === 0 || a.length * b.length > mostCompared * mostCompared)
    return [...a.map(out), ...b.map(into)];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
  /** @type {DiffLine[]} */
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] });
      i += 1;
      j += 1;
    } else if (j === b.length || (i < a.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
      lines.push(out(a[i]));
      i += 1;
    } else {
      lines.push(into(b[j]));
      j += 1;
    }
  }
  return lines;
}
