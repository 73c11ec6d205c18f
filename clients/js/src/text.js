// SPDX-License-Identifier: Apache-2.0
// Text as the server takes it: well-formed, without NUL, and within a limit of UTF-8 bytes.

const encoder = new TextEncoder();
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export const byteLength = (text) => encoder.encode(text).length;

// Replaces what the server refuses (NUL, and surrogates without their other half) by U+FFFD.
export function cleanText(value) {
  return String(value).replace(/\0/g, '\uFFFD').replace(LONE_SURROGATE, '\uFFFD');
}

// The longest beginning of the text that has at most that many bytes and ends between two code points.
export function cutText(value, most) {
  const text = cleanText(value);
  if (text.length * 3 <= most) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= most) return text;
  let end = most;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

// A copy of a JSON value in which every string and name is clean. What JSON cannot hold (functions, cycles, BigInt) is
// named instead of failing the write.
export function cleanJson(value) {
  const open = [];
  const copy = (item, depth) => {
    if (typeof item === 'string') return cleanText(item);
    if (typeof item === 'bigint') return item.toString();
    if (typeof item === 'number') return Number.isFinite(item) ? item : null;
    if (typeof item === 'function' || typeof item === 'symbol') return undefined;
    if (item === null || typeof item !== 'object') return item;
    if (open.includes(item)) return '[circular]';
    if (depth > 64) return '[too deep]';
    open.push(item);
    try {
      if (typeof item.toJSON === 'function') return copy(item.toJSON(), depth + 1);
      if (Array.isArray(item)) return item.map((entry) => copy(entry, depth + 1) ?? null);
      if (item instanceof Map) return copy(Object.fromEntries(item), depth + 1);
      if (item instanceof Error) return { name: cleanText(item.name), message: cleanText(item.message) };
      return Object.fromEntries(Object.entries(item).map(([name, entry]) => [cleanText(name), copy(entry, depth + 1)]));
    } finally {
      open.pop();
    }
  };
  return copy(value, 0);
}
