// Every URL that the page writes, in one place.
import { route, urlWith } from './router.js';

export const streamUrl = (ws, id) => `/w/${ws}/s/${id}`;
export const messageUrl = (ws, streamId, messageId) => `/w/${ws}/s/${streamId}?m=${messageId}`;
export const threadUrl = (streamId) => urlWith(route.value, { thread: streamId, trace: null, highlight: null });
export const traceUrl = (sessionId, highlight) =>
  urlWith(route.value, { trace: sessionId, highlight: highlight ?? null });
export const sessionsUrl = (ws) => `/w/${ws}/sessions`;
export const searchUrl = (ws) => `/w/${ws}/search`;

// Where something happened, in words.
export const placeOf = (stream) =>
  stream.type === 'thread' ? 'a thread' : stream.type === 'channel' ? `#${stream.name}` : stream.name;

export const absolute = (url) => new URL(url, location.href).href;
