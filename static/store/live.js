// Text while it is being written, keyed by step. Pure. `bytes` is the length in UTF-8, since that is how the server
// counts.

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

// A whole content may be older than what was shown (a pusher that came back has the stored text only): as long as it may
// grow into that again, what was seen stays known.
function withSeen(held, next) {
  const seen = held?.seen ?? held?.text ?? '';
  return seen.length > next.text.length && seen.startsWith(next.text) ? { ...next, seen } : next;
}

// The new entry, or the same object if the progress changes nothing: an overlap is a repetition, a hole waits for the
// next whole content (about every second).
export function liveApply(entry, { content, delta, offset }) {
  if (typeof content === 'string') return withSeen(entry, { text: content, bytes: utf8Length(content) });
  if (content !== undefined) return { text: '', bytes: 0, value: content };
  if (typeof delta !== 'string') return entry;
  const held = entry ?? { text: '', bytes: 0 };
  if (offset !== held.bytes) return entry;
  return withSeen(held.seen && held, { text: held.text + delta, bytes: held.bytes + utf8Length(delta) });
}

// The most that the reader has seen.
export function liveLongest(entry) {
  return entry?.seen ?? entry?.text ?? '';
}

// Whether the reader has seen more of an interrupted step than was stored of it.
export function liveOutlasts(entry, step) {
  const { content = '' } = step;
  return step.status === 'interrupted' && typeof content === 'string' && liveLongest(entry).length > content.length;
}
