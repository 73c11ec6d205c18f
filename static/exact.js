// SPDX-License-Identifier: Apache-2.0
// JSON whose numbers keep what was written: an id of twenty digits, 1.10, 1e400. A number that a double cannot repeat
// becomes an ExactNumber; everything else is what JSON.parse makes of it. Pure.

export class ExactNumber {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  // Arithmetic and comparison see the nearest double.
  valueOf() {
    return Number(this.text);
  }

  toString() {
    return this.text;
  }
}

// Texts without such digits, which are nearly all, go to the browser's own parser. Digits in strings match too: that
// costs time only.
const suspicious = /\d{17}|\b9\d{15}\b|\d[eE]|\.\d*0(?!\d)|\.\d{15}|-0(?![.\d])/;
const token = /\s*(?:([{}[\]:,])|("(?:[^"\\]|\\.)*")|(-?\d[-+.\deE]*)|(true|false|null))/y;

/** @param {string} text */
function numberOf(text) {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}

// The text has passed JSON.parse, so its grammar is not checked again. Depth is bounded by the heap, not by the stack.
/** @param {string} text */
function parseTokens(text) {
  token.lastIndex = 0;
  /** @type {{ value: any, key: string | null }[]} */
  const open = [];
  /** @type {any} */
  let result;
  /** @param {any} value */
  const put = (value) => {
    const top = open[open.length - 1];
    if (!top) result = value;
    else if (Array.isArray(top.value)) top.value.push(value);
    else if (top.key === null) top.key = value;
    else {
      // As JSON.parse does: `__proto__` is a key like any other.
      Object.defineProperty(top.value, top.key, { value, writable: true, enumerable: true, configurable: true });
      top.key = null;
    }
  };
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [, mark, string, number, word] = found;
    if (mark === '{') open.push({ value: {}, key: null });
    else if (mark === '[') open.push({ value: [], key: null });
    else if (mark === '}' || mark === ']') put(open.pop()?.value);
    else if (string !== undefined) put(JSON.parse(string));
    else if (number !== undefined) put(numberOf(number));
    else if (word !== undefined) put(word === 'null' ? null : word === 'true');
  }
  return result;
}

// Throws as JSON.parse does.
/** @param {string} text */
export function exactParse(text) {
  const value = JSON.parse(text);
  return suspicious.test(text) ? parseTokens(text) : value;
}

// What JSON.stringify(value, null, indent) would print if it knew exact numbers.
/** @param {any} value @param {number} [indent] @returns {string} */
export function exactText(value, indent = 0, depth = 0) {
  if (value instanceof ExactNumber) return value.text;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const isArray = Array.isArray(value);
  const parts = isArray
    ? value.map((item) => exactText(item, indent, depth + 1))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}:${indent > 0 ? ' ' : ''}${exactText(item, indent, depth + 1)}`);
  const [first, last] = isArray ? '[]' : '{}';
  if (parts.length === 0) return first + last;
  if (indent === 0) return first + parts.join(',') + last;
  const lead = `\n${' '.repeat(indent * (depth + 1))}`;
  return `${first}${lead}${parts.join(`,${lead}`)}\n${' '.repeat(indent * depth)}${last}`;
}
