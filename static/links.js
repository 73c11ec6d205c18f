// Every URL that the page writes, in one place.
import { route, urlWith } from './router.js';
import { streamIds, streams } from './store.js';

export const streamUrl = (ws, id) => `/w/${ws}/s/${id}`;
export const messageUrl = (ws, streamId, messageId) => `/w/${ws}/s/${streamId}?m=${messageId}`;
export const threadUrl = (streamId) => urlWith(route.value, { thread: streamId, trace: null, highlight: null });
export const traceUrl = (sessionId, highlight) =>
  urlWith(route.value, { trace: sessionId, highlight: highlight ?? null });
export const sessionsUrl = (ws) => `/w/${ws}/sessions`;
export const searchUrl = (ws) => `/w/${ws}/search`;

const titleOf = ({ type, name }) => (type === 'scratchpad' ? name : `#${name}`);

// A thread bears the name of what it hangs on; of what kind that is, the list of streams tells.
function hostOf(thread, id) {
  const listed = streamIds.value.map((one) => streams.get(one)).filter((one) => one?.name === thread.name);
  return (id && streams.get(id)) ?? listed[0] ?? { type: 'channel', name: thread.name };
}

// Where something happened, in words. parentId: what a thread hangs on, where that is known.
export const placeOf = (stream, parentId) =>
  stream.type === 'thread' ? `a thread of ${titleOf(hostOf(stream, parentId))}` : titleOf(stream);

export const absolute = (url) => new URL(url, location.href).href;
