// SPDX-License-Identifier: Apache-2.0
// One function for each thing a person can do to sessions and messages. None of them invents a state: the store changes
// when the server confirms it.
import { apiCall, apiGet, apiPost } from './api.js';
import { announce, complain } from './ui/announce.js';
import { closeTo, navigate, route, urlWith } from './router.js';
import { threadUrl } from './links.js';
import { messages, putMessage, putSession, putSteps, putStream, ratings, workspace } from './store.js';
import { createTable } from './store/table.js';

// Requests that have not been answered yet, by name: 'stop:ses_…', 'retry:ses_…'.
export const asked = createTable();

const base = () => `/workspaces/${workspace.peek().id}`;

/** @param {string} key @param {string} sentence @param {() => Promise<any>} act */
async function ask(key, sentence, act) {
  if (asked.peek(key)) return undefined;
  asked.set(key, true);
  try {
    return await act();
  } catch (error) {
    complain(`${sentence}: ${error.message}`);
    return undefined;
  } finally {
    asked.drop(key);
  }
}

/** @param {string} id */
export async function stopSession(id) {
  await ask(`stop:${id}`, 'It could not be stopped', async () => {
    try {
      putSession((await apiPost(`${base()}/agent-sessions/${id}/cancel`)).session);
    } catch (error) {
      if (error.code !== 'session_ended') throw error;
      putSession((await apiGet(`${base()}/agent-sessions/${id}?limit=1`)).session);
    }
  });
}

/** @param {string} id */
export async function retrySession(id) {
  const session = await ask(`retry:${id}`, 'It could not be tried again', async () => {
    const made = (await apiPost(`${base()}/agent-sessions/${id}/retry`)).session;
    putSession(made);
    return made;
  });
  if (session && route.peek().query.trace === id)
    navigate(urlWith(route.peek(), { trace: session.id, highlight: null }), { replace: true });
}

// The first decision counts; whatever it was, the step that comes back says so.
/** @param {string} sessionId @param {string} stepId @param {string} option @param {string} note */
export async function decide(sessionId, stepId, option, note) {
  await ask(`decide:${stepId}`, 'It was not decided', async () => {
    const path = `${base()}/agent-sessions/${sessionId}/steps/${stepId}/decision`;
    const { step } = await apiPost(path, note.trim() ? { option, note: note.trim() } : { option });
    putSteps(sessionId, [step]);
    announce('Decided');
  });
}

// One's rating of a target: replaced by what is given, or taken back where nothing is left of it.
/** @param {string} sessionId @param {string} target @param {Rating | undefined} held @param {{ thumb?: string, note?: string }} next */
export async function rate(sessionId, target, held, next) {
  return ask(`rate:${target}`, 'The rating was not kept', async () => {
    const path = `${base()}/agent-sessions/${sessionId}/ratings`;
    const others = () => (ratings.peek(sessionId) ?? []).filter((one) => one.id !== held?.id);
    if (!next.thumb && !next.note) {
      if (held) await apiCall('DELETE', `${path}/${held.id}`);
      ratings.set(sessionId, others());
    } else {
      const { rating } = await apiPost(path, { target, ...next });
      ratings.set(sessionId, [...others().filter((one) => one.id !== rating.id), rating]);
    }
    return true;
  });
}

/** @param {string} id @param {string[]} tags */
export async function tagSession(id, tags) {
  return ask(`tag:${id}`, 'The tags were not changed', async () => {
    putSession((await apiCall('PATCH', `${base()}/agent-sessions/${id}`, { tags })).session);
    return true;
  });
}

/** @param {Message} message */
export async function openThread(message) {
  if (message.threadId) return navigate(threadUrl(message.threadId));
  const stream = await ask(`thread:${message.id}`, 'The thread could not be opened', async () => {
    const made = (await apiPost(`${base()}/messages/${message.id}/thread`)).stream;
    putStream(made);
    return made;
  });
  if (stream) navigate(threadUrl(stream.id));
  return undefined;
}

/** @param {string} text @param {string} what */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    complain(`${what} could not be copied: the browser refused`);
    return false;
  }
}

// The message itself, asked for if only its beginning is here.
/** @param {Message} message @returns {Promise<Message | undefined>} */
export async function wholeMessage(message) {
  if (!message.truncated) return message;
  return ask(`whole:${message.id}`, 'The whole message could not be loaded', async () => {
    putMessage((await apiGet(`${base()}/messages/${message.id}`)).message);
    return messages.peek(message.id);
  });
}

/** @param {string} id @param {string} content */
export async function editMessage(id, content) {
  return ask(`edit:${id}`, 'The change was not saved', async () => {
    putMessage((await apiCall('PATCH', `${base()}/messages/${id}`, { content })).message);
    return true;
  });
}

// Messages that are about to be deleted: the server is told when the time to undo is over, or when the page goes.
/** @type {Table<Timer>} */
export const leaving = createTable();
const undoFor = 5000;

/** @param {string} id */
export function deleteMessage(id) {
  if (leaving.peek(id)) return;
  announce('Message deleted. It can be undone for five seconds.');
  leaving.set(
    id,
    setTimeout(() => sendDelete(id), undoFor),
  );
}

/** @param {string} id */
export function undoDelete(id) {
  clearTimeout(leaving.peek(id));
  leaving.drop(id);
}

/** @param {string} id @param {{ isLast?: boolean }} [options] */
async function sendDelete(id, { isLast = false } = {}) {
  clearTimeout(leaving.peek(id));
  await ask(`delete:${id}`, 'The message was not deleted', async () => {
    await apiCall('DELETE', `${base()}/messages/${id}`, undefined, { keepalive: isLast });
    const held = messages.peek(id);
    if (held && !held.deleted) putMessage({ ...held, deleted: true, content: '', version: held.version + 1 });
  });
  leaving.drop(id);
}

globalThis.addEventListener?.('pagehide', () => {
  for (const id of leaving.keys()) sendDelete(id, { isLast: true });
});

export const closeTrace = () => closeTo(urlWith(route.peek(), { trace: null, highlight: null }));
export const closeThread = () => closeTo(urlWith(route.peek(), { thread: null, m: null }));
