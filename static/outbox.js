// Messages on their way: shown at once, kept until the server's copy is here (by this browser too, so that neither a
// reload nor an ended login loses one), and never lost silently. A retry uses the same key, so a message that arrived
// after all is not doubled.
import { signal } from './vendor/signals.js';
import { apiPost } from './api.js';
import { unsentName, unsentRead, unsentWrite } from './settings.js';
import { me, messages, putTimelineEvent, workspace } from './store.js';

const patience = 10000;
const mostKept = 50;

// All rows of all streams: {key, streamId, content, at, box: where it is kept, state: sending | failed, reason?}
export const outbox = signal([]);

const boxOf = () => unsentName(me.peek().id, workspace.peek().id);

function change(key, fields) {
  outbox.value = outbox.peek().map((row) => (row.key === key ? { ...row, ...fields } : row));
}

function keep({ key, streamId, content, at, box }) {
  unsentWrite(box, [...unsentRead(box), { key, streamId, content, at }].slice(-mostKept));
}

function forget(keys) {
  outbox.value = outbox.peek().filter((row) => !keys.has(row.key));
}

export function outboxDrop(key) {
  const row = outbox.peek().find((one) => one.key === key);
  if (!row) return;
  forget(new Set([key]));
  unsentWrite(row.box, unsentRead(row.box).filter((one) => one.key !== key));
}

// What was written before, and not acknowledged: whether it is sent once more, its author decides.
export function outboxRestore() {
  const box = boxOf();
  const held = new Set(outbox.peek().map((row) => row.key));
  const kept = unsentRead(box).filter((row) => !held.has(row.key));
  outbox.value = [...outbox.peek(), ...kept.map((row) => ({ ...row, box, state: 'failed', reason: '' }))];
}

// What another window sent or threw away.
globalThis.addEventListener?.('storage', ({ key, oldValue, newValue }) => {
  if (!outbox.peek().some((row) => row.box === key)) return;
  const [before, now] = [oldValue, newValue].map((text) => (JSON.parse(text) ?? []).map((row) => row.key));
  forget(new Set(before.filter((one) => !now.includes(one))));
});

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
    box: boxOf(),
    state: 'sending',
  };
  outbox.value = [...outbox.peek(), row];
  keep(row);
  send(row);
}

export function outboxRetry(key) {
  const row = outbox.peek().find((one) => one.key === key);
  change(key, { state: 'sending', reason: '' });
  if (row) send(row);
}

const arrivedIn = (entries) =>
  new Set(entries.map((entry) => entry.kind === 'message' && messages.peek(entry.id)?.clientMessageId));

// The rows of a stream that the server has not shown yet: its event may come before its reply.
export function outboxOf(streamId, entries) {
  const rows = outbox.value.filter((row) => row.streamId === streamId);
  if (rows.length === 0) return rows;
  const arrived = arrivedIn(entries);
  return rows.filter((row) => !arrived.has(row.key));
}

// The others need no reply any more.
export function outboxSettle(streamId, entries) {
  const rows = outbox.peek().filter((row) => row.streamId === streamId);
  if (rows.length === 0) return;
  const arrived = arrivedIn(entries);
  for (const { key } of rows) if (arrived.has(key)) outboxDrop(key);
}
