// What the address names is asked for while the page's other modules are still coming: who is signed in, the workspace,
// the stream, the trace. Whoever asks for the same (api.js) takes the answer that is under way; it is held for the
// page's beginning only. An answer from before the room's subscription is a snapshot like any other: if it is older than
// the position the subscription begins at, it is asked for once more (store/rooms.js).
const lifetime = 10000;
const held = new Map();

// What api.js and load.js ask for too, so that both mean the same.
export const sessionPage = (ws, id, limit, around) =>
  `/workspaces/${ws}/agent-sessions/${id}?limit=${limit}${around ? `&around=${encodeURIComponent(around)}` : ''}`;
export const request = { credentials: 'same-origin', headers: { Accept: 'application/json' } };
export const pageSize = 500;

async function ask(path) {
  const sentAt = Date.now();
  const response = await fetch(`/api${path}`, request);
  return { response, sentAt, receivedAt: Date.now() };
}

function pathsOf(pathname, query) {
  const [, ws, , stream] = /^\/w\/(ws_\w{26})(\/s\/(str_\w{26})$)?/.exec(pathname) ?? [];
  if (!ws) return [];
  const paths = ['/auth/me', `/workspaces/${ws}`];
  const trace = query.get('trace');
  if (/^ses_\w{26}$/.test(trace)) paths.push(sessionPage(ws, trace, pageSize, query.get('highlight')));
  if (stream) paths.push(`/workspaces/${ws}/streams/${stream}/bootstrap`);
  return paths;
}

// The answer to GET `path`, once: {response, sentAt, receivedAt}, or undefined if it was not asked for or is no success.
export async function earlyTake(path) {
  const answer = held.get(path);
  held.delete(path);
  const found = await answer;
  return found?.response.ok ? found : undefined;
}

if (typeof location !== 'undefined' && !document.hidden) {
  for (const path of pathsOf(location.pathname, new URLSearchParams(location.search))) held.set(path, ask(path).catch(() => undefined));
  setTimeout(() => held.clear(), lifetime);
}
