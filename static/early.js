// SPDX-License-Identifier: Apache-2.0
// Requests what the address names while the other modules are still loading: the signed-in person, the workspace, the
// stream, the trace. Whoever asks for the same later (api.js) takes over the answer under way. Answers are held only
// while the page starts. An answer from before the room's subscription is a snapshot like any other: if it is older
// than the position where the subscription begins, it is requested again (store/rooms.js).
const lifetime = 10000;
const silence = 20000;
const held = new Map();

// Where the calls of what is open begin: of a workspace, or of the share by which a stranger reads one session.
/** @param {string} home */
export const homePath = (home) => (home.startsWith('shr_') ? `/shares/${home}` : `/workspaces/${home}`);
// api.js and load.js use these too, so that both ask for exactly the same.
/** @param {string} ws @param {string} id @param {number} limit @param {string} [around] */
export const sessionPage = (ws, id, limit, around) =>
  `${homePath(ws)}/agent-sessions/${id}?limit=${limit}${around ? `&around=${encodeURIComponent(around)}` : ''}`;
/** @type {RequestInit} */
export const request = { credentials: 'same-origin', headers: { Accept: 'application/json' } };
export const pageSize = 500;

// A question that changes nothing. It is given up when nothing comes for a while, neither an answer nor more of one: a
// connection may die without a word, and a slow one may need long for all of it.
/** @param {string} path @param {RequestInit} [init] */
export async function ask(path, { signal, ...init } = request) {
  const call = new AbortController();
  /** @type {Timer} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => call.abort(new DOMException('Nothing came', 'TimeoutError')), silence);
  };
  const leave = () => call.abort(signal?.reason);
  const done = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  };
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave);
  wait();
  const sentAt = Date.now();
  try {
    const response = await fetch(`/api${path}`, { ...init, signal: call.signal });
    const receivedAt = Date.now();
    return { response: watched(response, wait, done), sentAt, receivedAt };
  } catch (error) {
    done();
    throw error;
  }
}

// The same answer, which tells when something of it comes and when it is whole.
/** @param {Response} response @param {() => void} onPart @param {() => void} onEnd */
function watched(response, onPart, onEnd) {
  if (!response.body) {
    onEnd();
    return response;
  }
  onPart();
  const parts = new TransformStream({
    transform(part, out) {
      onPart();
      out.enqueue(part);
    },
    flush: onEnd,
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(parts), { status, statusText, headers });
}

/** @param {string} pathname @param {URLSearchParams} query */
function pathsOf(pathname, query) {
  const [, ws, , stream] = /^\/w\/(ws_\w{26})(\/s\/(str_\w{26})$)?/.exec(pathname) ?? [];
  if (!ws) return [];
  const paths = ['/auth/me', `/workspaces/${ws}`];
  const [, page, step] = /\/trace\/(ses_\w{26})(?:\/(stp_\w{26}))?$/.exec(pathname) ?? [];
  if (page) paths.push(sessionPage(ws, page, pageSize, step));
  const trace = query.get('trace') ?? '';
  if (/^ses_\w{26}$/.test(trace)) paths.push(sessionPage(ws, trace, pageSize, query.get('highlight') ?? undefined));
  if (stream) paths.push(`/workspaces/${ws}/streams/${stream}/bootstrap`);
  return paths;
}

// Hands over the answer to GET `path`, once: {response, sentAt, receivedAt}. It is undefined if nothing was requested
// or the request did not succeed.
/** @param {string} path */
export async function earlyTake(path) {
  const answer = held.get(path);
  held.delete(path);
  const found = await answer;
  return found?.response.ok ? found : undefined;
}

if (typeof location !== 'undefined' && !document.hidden) {
  for (const path of pathsOf(location.pathname, new URLSearchParams(location.search)))
    held.set(
      path,
      ask(path).catch(() => undefined),
    );
  setTimeout(() => held.clear(), lifetime);
}
