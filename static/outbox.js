// SPDX-License-Identifier: Apache-2.0
// Messages on their way. They are shown at once and kept until the server's copy has arrived, in this browser too, so
// that neither a reload nor an ended sign-in loses one. Nothing is lost silently. A retry uses the same key, so a
// message that arrived after all is not doubled.
import { signal } from './vendor/signals.js';
import { apiPost } from './api.js';
import { unsentName, unsentRead, unsentWrite } from './settings.js';
import { me, messages, putTimelineEvent, workspace } from './store.js';

const patience = 10000;
const mostKept = 50;

// The rows of all streams.
/** @type {Signal<OutboxRow[]>} */
export const outbox = signal([]);

const boxOf = () => unsentName(me.peek().id, workspace.peek().id);

/** @param {string} key @param {Record<string, any>} fields */
function change(key, fields) {
  outbox.value = outbox.peek().map((row) => (row.key === key ? { ...row, ...fields } : row));
}

/** @param {OutboxRow} options */
function keep({ key, streamId, content, at, box }) {
  unsentWrite(box, [...unsentRead(box), { key, streamId, content, at }].slice(-mostKept));
}

/** @param {Set<string>} keys */
function forget(keys) {
  outbox.value = outbox.peek().filter((row) => !keys.has(row.key));
}

/** @param {string} key */
export function outboxDrop(key) {
  const row = outbox.peek().find((one) => one.key === key);
  if (!row) return;
  forget(new Set([key]));
  unsentWrite(
    row.box,
    unsentRead(row.box).filter((/** @type {OutboxRow} */ one) => one.key !== key),
  );
}

// Restores what was written earlier and never acknowledged. Its author decides whether it is sent again.
export function outboxRestore() {
  const box = boxOf();
  const held = new Set(outbox.peek().map((row) => row.key));
  /** @type {OutboxRow[]} */
  const kept = unsentRead(box).filter((/** @type {OutboxRow} */ row) => !held.has(row.key));
  for (const row of kept) Object.assign(row, { box, state: 'failed', reason: '' });
  outbox.value = [...outbox.peek(), ...kept];
}

// Another window has sent or discarded messages.
globalThis.addEventListener?.('storage', ({ key, oldValue, newValue }) => {
  if (!outbox.peek().some((row) => row.box === key)) return;
  const [before, now] = [oldValue, newValue].map((text) =>
    (JSON.parse(text ?? 'null') ?? []).map((/** @type {OutboxRow} */ row) => row.key),
  );
  forget(new Set(before.filter((/** @type {string} */ one) => !now.includes(one))));
});

/** @param {OutboxRow} row */
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

/** @param {string} streamId @param {string} content */
export function outboxSend(streamId, content) {
  /** @type {OutboxRow} */
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

/** @param {string} key */
export function outboxRetry(key) {
  const row = outbox.peek().find((one) => one.key === key);
  change(key, { state: 'sending', reason: '' });
  if (row) send(row);
}

/** @param {TimelineEntry[]} entries */
const arrivedIn = (entries) =>
  new Set(entries.map((entry) => entry.kind === 'message' && messages.peek(entry.id)?.clientMessageId));

// Returns the rows of a stream that the server has not shown yet. A message's event may arrive before the reply to its
// request.
/** @param {string} streamId @param {TimelineEntry[]} entries */
export function outboxOf(streamId, entries) {
  const rows = outbox.value.filter((row) => row.streamId === streamId);
  if (rows.length === 0) return rows;
  const arrived = arrivedIn(entries);
  return rows.filter((row) => !arrived.has(row.key));
}

// Drops the rows that have arrived: they need no reply any more.
/** @param {string} streamId @param {TimelineEntry[]} entries */
export function outboxSettle(streamId, entries) {
  const rows = outbox.peek().filter((row) => row.streamId === streamId);
  if (rows.length === 0) return;
  const arrived = arrivedIn(entries);
  for (const { key } of rows) if (arrived.has(key)) outboxDrop(key);
}
