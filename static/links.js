// SPDX-License-Identifier: Apache-2.0
// Every URL that the page writes.
import { route, urlWith } from './router.js';
import { streamIds, streams } from './store.js';

/** @param {string} ws @param {string} id */
export const streamUrl = (ws, id) => `/w/${ws}/s/${id}`;
/** @param {string} ws @param {string} streamId @param {string} messageId */
export const messageUrl = (ws, streamId, messageId) => `/w/${ws}/s/${streamId}?m=${messageId}`;
/** @param {string} streamId */
export const threadUrl = (streamId) => urlWith(route.value, { thread: streamId, trace: null, highlight: null });
/** @param {string} sessionId @param {string} [highlight] */
export const traceUrl = (sessionId, highlight) =>
  urlWith(route.value, { trace: sessionId, highlight: highlight ?? null });

// What stands behind the #: lines of a text, which on the page of a share follow its secret (`#secret&L120`).
export function fragment() {
  const parts = location.hash.slice(1).split('&');
  return location.pathname.startsWith('/share/')
    ? { secret: parts[0], line: parts[1] ?? '' }
    : { secret: '', line: parts[0] };
}
/** @param {string} line */
export function addressWith(line) {
  const { secret } = fragment();
  return `#${secret}${secret && '&'}${line}`;
}
// The link of a share is whole with its secret only.
/** @param {string} ws @param {string} sessionId @param {string | null} [stepId] */
export const tracePageUrl = (ws, sessionId, stepId) => {
  const step = stepId ? `/${stepId}` : '';
  return ws.startsWith('shr_') ? `/share/${ws}${step}#${fragment().secret}` : `/w/${ws}/trace/${sessionId}${step}`;
};
/** @param {string} shareId @param {string} secret */
export const shareUrl = (shareId, secret) => `/share/${shareId}#${secret}`;
/** @param {string} ws */
export const sessionsUrl = (ws) => `/w/${ws}/sessions`;
/** @param {string} ws @param {string} left @param {string} right */
export const compareUrl = (ws, left, right) => `/w/${ws}/compare/${left}/${right}`;
/** @param {string} ws */
export const statisticsUrl = (ws) => `/w/${ws}/statistics`;
/** @param {string} ws @param {string} [snippet] */
export const connectUrl = (ws, snippet) => `/w/${ws}/connect${snippet ? `?with=${snippet}` : ''}`;
/** @param {string} ws @param {string} [section] */
export const adminUrl = (ws, section) => `/w/${ws}/admin${section ? `/${section}` : ''}`;
/** @param {string} ws */
export const searchUrl = (ws) => `/w/${ws}/search`;

/** @param {{ type: string, name: string }} options */
const titleOf = ({ type, name }) => (type === 'scratchpad' ? name : `#${name}`);

// A thread bears the name of the stream it hangs on. The list of streams tells of which kind that stream is.
/** @param {StreamName} thread @param {string | undefined} id */
function hostOf(thread, id) {
  const listed = streamIds.value.map((one) => streams.get(one)).filter((one) => one?.name === thread.name);
  return streams.get(id) ?? listed[0] ?? { type: 'channel', name: thread.name };
}

// Says in words where something happened. `parentId` is the stream that a thread hangs on, where that is known.
/** @param {StreamName} stream @param {string} [parentId] */
export const placeOf = (stream, parentId) =>
  stream.type === 'thread' ? `a thread of ${titleOf(hostOf(stream, parentId))}` : titleOf(stream);

/** @param {string} url */
export const absolute = (url) => new URL(url, location.href).href;
