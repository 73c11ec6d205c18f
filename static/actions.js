// What a person can do to sessions and messages: one function each. None invents a state: the store changes when the
// server says so.
import { apiCall, apiGet, apiPost } from './api.js';
import { complain } from './ui/announce.js';
import { closeTo, navigate, route, urlWith } from './router.js';
import { threadUrl } from './links.js';
import { messages, putMessage, putSession, putStream, workspace } from './store.js';
import { createTable } from './store/table.js';

// What was asked for and not answered yet: 'stop:ses_…', 'retry:ses_…'.
export const asked = createTable();

const base = () => `/workspaces/${workspace.peek().id}`;

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

export async function retrySession(id) {
  const session = await ask(`retry:${id}`, 'It could not be tried again', async () => {
    const made = (await apiPost(`${base()}/agent-sessions/${id}/retry`)).session;
    putSession(made);
    return made;
  });
  if (session && route.peek().query.trace === id)
    navigate(urlWith(route.peek(), { trace: session.id, highlight: null }), { replace: true });
}

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

export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    complain(`${what} could not be copied: the browser refused`);
    return false;
  }
}

export async function editMessage(id, content) {
  return ask(`edit:${id}`, 'The change was not saved', async () => {
    putMessage((await apiCall('PATCH', `${base()}/messages/${id}`, { content })).message);
    return true;
  });
}

export async function deleteMessage(id) {
  await ask(`delete:${id}`, 'The message was not deleted', async () => {
    await apiCall('DELETE', `${base()}/messages/${id}`);
    const held = messages.peek(id);
    if (held && !held.deleted) putMessage({ ...held, deleted: true, content: '', version: held.version + 1 });
  });
}

export const closeTrace = () => closeTo(urlWith(route.peek(), { trace: null, highlight: null }));
export const closeThread = () => closeTo(urlWith(route.peek(), { thread: null, m: null }));
