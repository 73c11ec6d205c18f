// SPDX-License-Identifier: Apache-2.0
// Where a statement came from, brought within the server's limits. A source that cannot be kept is left out and counted,
// so that it does not cost the write that it belongs to.
import { isId } from './id.js';
import { cutText } from './text.js';

const MOST = 200;
const URL_BYTES = 4096;
const TYPES = new Set(['web', 'message', 'document']);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.:+Z-]{1,20}$/;
const TEXTS = { title: 1000, domain: 255, snippet: 4000, streamName: 255, authorName: 255 };
const IDS = { streamId: 'str_', messageId: 'msg_' };

// The address with what may not stand in one percent-encoded, or undefined if it is no web address.
function mendUrl(url) {
  if (!/^https?:\/\/[^/?#:@]/i.test(url)) return undefined;
  const mended = cutText(url, 4 * URL_BYTES).replace(/[^\x21-\x7e]+|["<>\\^`{|}]/gu, (piece) =>
    encodeURIComponent(piece),
  );
  return mended.length <= URL_BYTES ? mended : undefined;
}

function mendSource(source) {
  if (!source || !TYPES.has(source.type) || !source.title) return undefined;
  const mended = { type: source.type };
  for (const [name, most] of Object.entries(TEXTS))
    if (source[name] !== undefined && source[name] !== null) mended[name] = cutText(source[name], most);
  for (const [name, prefix] of Object.entries(IDS)) {
    if (source[name] === undefined || source[name] === null) continue;
    if (!isId(source[name], prefix)) return undefined;
    mended[name] = source[name];
  }
  if (source.url !== undefined && source.url !== null) {
    mended.url = mendUrl(String(source.url));
    if (!mended.url) return undefined;
  }
  if (TIME.test(source.timestamp ?? '')) mended.timestamp = source.timestamp;
  return mended;
}

// { sources, dropped }: those that the server takes, and how many were left out.
export function mendSources(list) {
  if (!Array.isArray(list)) return { sources: undefined, dropped: 0 };
  const sources = list.map(mendSource).filter(Boolean).slice(0, MOST);
  return { sources: sources.length ? sources : undefined, dropped: list.length - sources.length };
}
