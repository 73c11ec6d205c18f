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

// Where a number begins that a double may not repeat. A number stands at the beginning or behind a bracket, a comma or a
// colon: the digits of ids, of which nearly all have one before an E, do not count.
const suspicious = /(?:^|[[,:])\s*(?=-0(?![.\d])|-?(?:\d[\d.]{16}|9\d{15}|[\d.]+[eE]|\d+\.\d*0(?!\d)|0\.0{6}))/g;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
// Numbers from here on are written with an exponent or with many digits, so that all of them are suspicious.
const huge = 1e300;

/** @param {string} text */
function numberOf(text) {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}

// The place behind a string.
/** @param {string} text @param {number} begin */
function endOfString(text, begin) {
  for (let at = text.indexOf('"', begin + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}

// The numbers outside of strings that a double may not repeat, and the text with a huge number for each: the first one has
// once 1e300, the second one twice as much. What follows a number is kept apart from it, so that an error remains one.
/** @param {string} text */
function setAside(text) {
  const aside = [];
  const parts = [];
  let done = 0;
  let quote = text.indexOf('"');
  suspicious.lastIndex = 0;
  while (suspicious.test(text)) {
    const at = suspicious.lastIndex;
    let end = 0;
    for (; quote >= 0 && quote < at; quote = text.indexOf('"', end)) {
      end = endOfString(text, quote);
      if (end > at) break;
    }
    number.lastIndex = at;
    const found = end > at ? null : number.exec(text);
    suspicious.lastIndex = found ? number.lastIndex : Math.max(end, at + 1);
    if (!found) continue;
    parts.push(text.slice(done, at), `${aside.push(found[0])}e300 `);
    done = number.lastIndex;
  }
  return { aside, rest: done === 0 ? text : parts.join('') + text.slice(done) };
}

// Depth is bounded by the heap, not by the stack.
/** @param {any} root @param {string[]} aside */
function putBack(root, aside) {
  const top = [root];
  for (let stack = [top], held; (held = /** @type {any} */ (stack.pop())); )
    for (const key of Array.isArray(held) ? held.keys() : Object.keys(held)) {
      const value = held[key];
      if (typeof value === 'number') {
        if (value >= huge) held[key] = numberOf(aside[Math.round(value / huge) - 1]);
      } else if (value !== null && typeof value === 'object') stack.push(value);
    }
  return top[0];
}

// Throws as JSON.parse does.
/** @param {string} text */
export function exactParse(text) {
  const { aside, rest } = setAside(text);
  const value = JSON.parse(rest);
  return aside.length > 0 ? putBack(value, aside) : value;
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
