// Messages on their way: shown at once, kept until the server's copy is here, and never lost silently. A retry uses
// the same key, so a message that arrived after all is not doubled.
import { signal } from './vendor/signals.js';
import { apiPost } from './api.js';
import { messages, putTimelineEvent, workspace } from './store.js';

const patience = 10000;

// All rows of all streams: {key, streamId, content, at, state: sending | failed, reason?}
export const outbox = signal([]);

function change(key, fields) {
  outbox.value = outbox.peek().map((row) => (row.key === key ? { ...row, ...fields } : row));
}

export function outboxDrop(key) {
  outbox.value = outbox.peek().filter((row) => row.key !== key);
}

async function send(row) {
  try {
    const path = `/workspaces/${workspace.peek().id}/streams/${row.streamId}/messages`;
    const { message } = await apiPost(
      path,
      { content: row.content, clientMessageId: row.key },
      { signal: AbortSignal.timeout(patience) },
    );
    putTimelineEvent(row.streamId, {
      type: 'message:created',
      seq: message.seq,
      createdAt: message.createdAt,
      message,
    });
    outboxDrop(row.key);
  } catch (error) {
    change(row.key, { state: 'failed', reason: error.status >= 400 && error.status < 500 ? error.message : '' });
  }
}

export function outboxSend(streamId, content) {
  const row = {
    key: `web-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2) + Date.now().toString(36)}`,
    streamId,
    content,
    at: new Date().toISOString(),
    state: 'sending',
  };
  outbox.value = [...outbox.peek(), row];
  send(row);
}

export function outboxRetry(key) {
  const row = outbox.peek().find((one) => one.key === key);
  change(key, { state: 'sending', reason: '' });
  if (row) send(row);
}

// The rows of a stream that the server has not shown yet: its event may come before its reply.
export function outboxOf(streamId, entries) {
  const rows = outbox.value.filter((row) => row.streamId === streamId);
  if (rows.length === 0) return rows;
  const arrived = new Set(
    entries.slice(-50).map((entry) => entry.kind === 'message' && messages.peek(entry.id)?.clientMessageId),
  );
  return rows.filter((row) => !arrived.has(row.key));
}
