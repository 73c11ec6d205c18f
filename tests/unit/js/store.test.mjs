// SPDX-License-Identifier: Apache-2.0
// What events do to the store, whatever the order they come in.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as store from '../../../static/store.js';
import { applyEvent } from '../../../static/store/apply.js';
import { liveLongest } from '../../../static/store/live.js';

let ids = 0;
const newId = (prefix) => `${prefix}_${(ids += 1)}`;
const session = (id, lastSeq, status, more = {}) => ({
  id,
  lastSeq,
  status,
  stepCount: 0,
  persona: { name: 'Ariadne' },
  ...more,
});
const step = (id, seq, status, more = {}) => ({
  id,
  seq,
  status,
  stepNumber: 1,
  stepType: 'thinking',
  startedAt: '2026-01-02T10:00:00.000Z',
  ...more,
});

test('a step that quotes messages is asked for whole, and again when one of them is deleted', () => {
  const [ses, stp] = [newId('ses'), newId('stp')];
  const room = `session:${ses}`;
  const quoting = (item) => step(stp, 2, 'completed', { content: { messages: [{ messageId: 'msg_1', ...item }] } });
  const event = { room, seq: 2, sessionId: ses, step: quoting({ textVersion: 1 }) };
  const wanted = [{ sessionId: ses, stepId: stp }];
  assert.deepEqual(applyEvent('agent_session:step:completed', event).interrupted, wanted);
  store.putSteps(ses, [quoting({ text: 'said' })]);
  assert.deepEqual(applyEvent('agent_session:step:completed', event).interrupted, []);
  assert.equal(store.steps.peek(stp).content.messages[0].text, 'said');
  assert.deepEqual(applyEvent('message:deleted', { room, messageId: 'msg_2' }).interrupted, []);
  assert.deepEqual(applyEvent('message:deleted', { room, messageId: 'msg_1' }).interrupted, wanted);
  store.putSteps(ses, [quoting({ withheld: true })]);
  assert.equal(store.steps.peek(stp).content.messages[0].withheld, true);
});

test('progress may come before its step, and is ignored after its end', () => {
  const [ses, stp] = [newId('ses'), newId('stp')];
  const room = `session:${ses}`;
  applyEvent('agent_session:step:progress', { room, sessionId: ses, stepId: stp, content: 'early' });
  assert.equal(store.live.peek(stp).text, 'early');
  applyEvent('agent_session:step:started', { room, seq: 2, sessionId: ses, step: step(stp, 2, 'running') });
  applyEvent('agent_session:step:progress', { room, sessionId: ses, stepId: stp, delta: ' bird', offset: 5 });
  assert.equal(store.live.peek(stp).text, 'early bird');
  applyEvent('agent_session:step:completed', {
    room,
    seq: 3,
    sessionId: ses,
    step: step(stp, 3, 'completed', { content: 'done' }),
  });
  assert.equal(store.live.peek(stp), undefined);
  applyEvent('agent_session:step:progress', { room, sessionId: ses, stepId: stp, content: 'late' });
  assert.equal(store.live.peek(stp), undefined);
  assert.equal(store.steps.peek(stp).content, 'done');
});

test('activity is derived from the sessions, and cannot stick', () => {
  const [ses, msg, str] = [newId('ses'), newId('msg'), newId('str')];
  const fields = { parentMessageId: msg, parentStreamId: str, streamId: newId('str') };
  const shown = () => (store.activityByMessage.peek().get(msg) ?? []).map((one) => one.id);
  applyEvent('message:updated', {
    room: `stream:${str}`,
    messageId: msg,
    updateType: 'agent_activity',
    session: session(ses, 2, 'running', fields),
  });
  assert.deepEqual(shown(), [ses]);
  applyEvent('session:changed', { room: 'workspace:w', session: session(ses, 5, 'completed', fields) });
  assert.deepEqual(shown(), []);
  applyEvent('message:updated', {
    room: `stream:${str}`,
    messageId: msg,
    updateType: 'agent_activity',
    session: session(ses, 3, 'running', fields),
  });
  assert.deepEqual(shown(), [], 'a late progress brings nothing back');
});

test('what is told in the room of a person counts like what is told in the workspace', () => {
  const ses = newId('ses');
  applyEvent('session:changed', { room: 'user:me', session: session(ses, 1, 'running') });
  assert.ok(store.activeSessions.peek().has(ses));
  applyEvent('session:changed', { room: 'user:me', session: session(ses, 4, 'completed') });
  assert.ok(!store.activeSessions.peek().has(ses));
});

test('a session knows its next attempt, whoever tells of that first', () => {
  const [first, second, third] = [newId('ses'), newId('ses'), newId('ses')];
  store.putSession(session(second, 1, 'pending', { retryOf: first }));
  store.putSession(session(first, 3, 'failed'));
  store.putSession(session(third, 3, 'failed', { retriedBy: 'ses_told' }));
  const next = (id) => store.nextAttempt(store.sessions.peek(id));
  assert.deepEqual([first, second, third].map(next), [second, undefined, 'ses_told']);
});

test('a snapshot of activity names what we hold as running and is not there', () => {
  const [ses, str] = [newId('ses'), newId('str')];
  applyEvent('agent_session:progress', {
    room: `stream:${str}`,
    session: session(ses, 2, 'running', { streamId: str }),
  });
  const { missing } = applyEvent('agent_session:activity_snapshot', { room: `stream:${str}`, activity: [] });
  assert.deepEqual(missing, [ses]);
});

test('a session that ends with open steps: they are asked for, their text stands meanwhile', () => {
  const [ses, stp] = [newId('ses'), newId('stp')];
  const room = `session:${ses}`;
  applyEvent('agent_session:step:started', { room, seq: 2, sessionId: ses, step: step(stp, 2, 'running') });
  applyEvent('agent_session:step:progress', { room, sessionId: ses, stepId: stp, content: 'half a' });
  const { interrupted } = applyEvent('agent_session:failed', { room, seq: 3, session: session(ses, 3, 'failed') });
  assert.deepEqual(interrupted, [{ sessionId: ses, stepId: stp }]);
  assert.equal(store.live.peek(stp).text, 'half a');
  store.putSteps(ses, [step(stp, 2, 'interrupted', { content: 'half a word' })]);
  assert.equal(store.live.peek(stp), undefined);
  assert.equal(store.steps.peek(stp).content, 'half a word');
});

test('of an interrupted step the longest text that was seen stays', () => {
  const seen = (contents, stored) => {
    const [ses, stp] = [newId('ses'), newId('stp')];
    const room = `session:${ses}`;
    applyEvent('agent_session:step:started', { room, seq: 2, sessionId: ses, step: step(stp, 2, 'running') });
    for (const more of contents)
      applyEvent('agent_session:step:progress', { room, sessionId: ses, stepId: stp, ...more });
    applyEvent('agent_session:failed', { room, seq: 3, session: session(ses, 3, 'failed') });
    store.putSteps(ses, [step(stp, 2, 'interrupted', stored)]);
    return liveLongest(store.live.peek(stp));
  };
  assert.equal(seen([{ content: 'never' }, { delta: ' stored', offset: 5 }], {}), 'never stored');
  assert.equal(seen([{ content: 'stored in part' }], { content: 'stored' }), 'stored in part');
  assert.equal(
    seen([{ content: 'stored, then' }, { content: 'stored' }, { delta: ', t', offset: 6 }], { content: 'stored' }),
    'stored, then',
  );
  assert.equal(seen([{ content: 'one' }, { content: 'o' }, { delta: 'ther', offset: 1 }], {}), 'other');
  assert.equal(seen([{ content: 'longer' }, { content: 'else' }], {}), 'else');
  assert.equal(seen([{ content: 'text' }], { content: { an: 'object' } }), '');
});

test('the list of streams follows its snapshots', () => {
  const stream = (id, isPrivate) =>
    store.putStream({ id, type: 'channel', name: id, private: isPrivate, lastSeq: 1, readSeq: 1 });
  const [open, closed] = [newId('str'), newId('str')];
  stream(open, false);
  stream(closed, true);
  applyEvent('stream:activity', { room: 'workspace:w', streamId: open, lastSeq: 4, running: 1 });
  assert.equal(store.streams.peek(open).hasNews, true);
  applyEvent('stream:read', { room: 'user:me', streamId: open, readSeq: 4 });
  assert.equal(store.streams.peek(open).hasNews, false);
  const { added } = applyEvent('workspace:snapshot', {
    room: 'user:me',
    streams: [{ streamId: 'str_new', lastSeq: 0, running: 0 }],
  });
  assert.deepEqual(added, ['str_new']);
  assert.deepEqual(store.streamIds.peek(), [open]);
});

test('of a private stream that was taken away nobody is shown at work any more, of an open one that was left they are', () => {
  for (const isPrivate of [true, false]) {
    const [str, ses, inThread] = [newId('str'), newId('ses'), newId('ses')];
    store.putStream({ id: str, type: 'channel', name: str, private: isPrivate, lastSeq: 1, readSeq: 1 });
    store.putSession(session(ses, 1, 'running', { streamId: str }));
    store.putSession(session(inThread, 1, 'running', { streamId: newId('str'), parentStreamId: str }));
    applyEvent('stream:removed', { room: 'user:me', streamId: str });
    for (const id of [ses, inThread]) assert.equal(store.activeSessions.peek().has(id), !isPrivate);
  }
});

test('what is read is read up to its mark; a mention that was read in a thread is counted anew in its channel', () => {
  const [str, thread] = [newId('str'), newId('str')];
  store.putStream({ id: str, type: 'channel', name: str, lastSeq: 4, readSeq: 1, unreadCount: 2, mentionCount: 1 });
  store.putStream({
    id: thread,
    type: 'thread',
    name: str,
    parentStreamId: str,
    lastSeq: 2,
    readSeq: 1,
    mentionCount: 1,
  });
  const held = ({ readSeq, unreadCount, hasNews, mentionCount }) => [
    readSeq,
    unreadCount,
    hasNews ?? false,
    mentionCount,
  ];
  const after = (type, data) => {
    const { added = [] } = applyEvent(type, data);
    return [...held(store.streams.peek(str)), ...added];
  };
  assert.deepEqual(after('stream:read', { streamId: str, readSeq: 3, mentionCount: 1 }), [3, 2, false, 1]);
  assert.deepEqual(after('stream:activity', { room: 'workspace:w', streamId: str, lastSeq: 5, running: 0 }), [
    3,
    2,
    true,
    1,
  ]);
  assert.deepEqual(after('stream:read', { streamId: str, readSeq: 5, mentionCount: 1 }), [5, 0, false, 1]);
  assert.deepEqual(after('stream:read', { streamId: str, readSeq: 2, mentionCount: 1 }), [5, 0, false, 1]);
  assert.deepEqual(after('stream:read', { streamId: thread, readSeq: 2 }), [5, 0, false, 1, str]);
  assert.deepEqual(after('stream:read', { streamId: thread, readSeq: 2 }), [5, 0, false, 1]);
});

test('a timeline is known as far as its events go, shown or not', () => {
  const room = `stream:${newId('str')}`;
  const known = () => store.reached.peek(room.slice(7));
  applyEvent('message:updated', { room, seq: 7, type: 'message:updated', updateType: 'reply_count' });
  assert.equal(known(), 7);
  applyEvent('agent_session:activity_snapshot', { room, activity: [] });
  applyEvent('message:deleted', { room, seq: 8, messageId: 'msg_none' });
  assert.equal(known(), 8);
});

test('a timeline event puts its message in its place, once', () => {
  const str = newId('str');
  store.replaceTimeline(str, [], false);
  const message = { id: newId('msg'), version: 1, content: 'a', createdAt: '2026-01-02T10:00:00.000Z' };
  const event = { room: `stream:${str}`, seq: 1, type: 'message:created', createdAt: message.createdAt, message };
  applyEvent('message:created', event);
  applyEvent('message:created', event);
  assert.equal(store.timelines.peek(str).entries.length, 1);
  applyEvent('message:updated', {
    ...event,
    seq: 2,
    updateType: 'content',
    message: { ...message, version: 2, content: 'b' },
  });
  assert.equal(store.messages.peek(message.id).content, 'b');
  applyEvent('message:deleted', { room: event.room, seq: 3, messageId: message.id });
  assert.equal(store.messages.peek(message.id).deleted, true);
  assert.equal(store.timelines.peek(str).entries.length, 1);
});

test('a session of another workspace than the one that is open is in no list of what runs', () => {
  store.putWorkspace({ workspace: { id: 'ws_here' }, streams: [], personas: [], members: [], sessions: [] });
  const running = { status: 'running', stepCount: 0, lastSeq: 1 };
  store.putSession({ ...running, id: 'ses_there', workspaceId: 'ws_there' });
  store.putSession({ ...running, id: 'ses_here', workspaceId: 'ws_here' });
  assert.deepEqual([...store.activeSessions.peek().keys()], ['ses_here']);
  assert.equal(store.sessions.peek('ses_there').id, 'ses_there', 'whoever names it may see it');
});
