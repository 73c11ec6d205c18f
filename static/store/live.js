// SPDX-License-Identifier: Apache-2.0
// Text while it is being written, keyed by step. Pure. `bytes` is the length in UTF-8, because the server counts so.

/** @param {string} text */
export function utf8Length(text) {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}

// A whole content may be older than what was shown: a pusher that restarted knows the stored text only. As long as it
// may grow into that text again, what was seen stays known.
/** @param {LiveEntry | undefined} held @param {LiveEntry} next */
function withSeen(held, next) {
  const seen = held?.seen ?? held?.text ?? '';
  return seen.length > next.text.length && seen.startsWith(next.text) ? { ...next, seen } : next;
}

// Returns the new entry, or the same object if the progress changes nothing. An overlap is a repetition, and a hole
// waits for the next whole content, which comes about every second.
/** @param {LiveEntry | undefined} entry @param {{ content?: unknown, delta?: string, offset?: number }} options */
export function liveApply(entry, { content, delta, offset }) {
  if (typeof content === 'string') return withSeen(entry, { text: content, bytes: utf8Length(content) });
  if (content !== undefined) return { text: '', bytes: 0, value: content };
  if (typeof delta !== 'string') return entry;
  const held = entry ?? { text: '', bytes: 0 };
  if (offset !== held.bytes) return entry;
  return withSeen(held.seen ? held : undefined, { text: held.text + delta, bytes: held.bytes + utf8Length(delta) });
}

// The most text that the reader has seen.
/** @param {LiveEntry | undefined} entry */
export function liveLongest(entry) {
  return entry?.seen ?? entry?.text ?? '';
}

// Whether the reader has seen more of an interrupted step than was stored.
/** @param {LiveEntry | undefined} entry @param {Step} step */
export function liveOutlasts(entry, step) {
  const { content = '' } = step;
  return step.status === 'interrupted' && typeof content === 'string' && liveLongest(entry).length > content.length;
}
