// SPDX-License-Identifier: Apache-2.0
// The programs answer what docs/openapi.yaml says. One story goes through all of its examples; what a story does not
// come to, refusals above all, follows; at the end nothing that is described may be unseen.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start, until } from '../lib/instance.mjs';
import { addPerson, addPersona, addToken } from '../lib/people.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { administer, endRights, refuseMember } from './openapi_admin.mjs';
import { Contract, bodyOf, cookieName, isFor, minimal, operations, requiredQuery } from './openapi_contract.mjs';
import { accessStory, dialectStory, guessStory, rateStory, shareStory, webhookStory } from './openapi_story.mjs';

const contract = new Contract();
const ids = {
  ws: 'ws_01K0A0000000000000000000WS',
  channel: 'str_01K0A000000000000000000CH1',
  thread: 'str_01K0A000000000000000000TH1',
  persona: 'per_01K0A000000000000000000AR1',
  question: 'msg_01K0A0000000000000000000Q1',
  session: 'ses_01K0A000000000000000000SE1',
  byHand: 'ses_01K0A000000000000000000SE2',
  step: 'stp_01K0A000000000000000000ST1',
  put: 'stp_01K0A000000000000000000ST9',
  share: 'shr_01K0A000000000000000000SH1',
  webhook: 'whk_01K0A000000000000000000WH1',
};
const ws = { ws: ids.ws };
const channel = { ...ws, str: ids.channel };
const thread = { ...ws, str: ids.thread };
const question = { ...ws, msg: ids.question };
const session = { ...ws, ses: ids.session };
const step = { ...session, stp: ids.step };
const share = { shr: ids.share, ses: ids.session, stp: ids.step };

let instance, nobody, person, agent, reader, shared, bob;

before(async () => {
  instance = await start();
  nobody = new Client(instance.url, { workspace: instance.env.TRACE_WORKSPACE });
  person = await personOf(instance);
  agent = agentOf(instance);
  reader = await addToken(instance, instance.env.TRACE_PERSONA, []);
});
after(() => instance?.stop());

const call = (...parts) => contract.call(...parts);
const conflict = async (client, operationId, options, code) =>
  assert.equal((await call(client, operationId, { ...options, status: 409 })).code, code);

test('people sign in, and know who they are', async () => {
  const { TRACE_EMAIL: email, TRACE_PASSWORD: password } = instance.env;
  const reply = await call(nobody, 'login', { body: { email, password } });
  const [, name] = /^(\w+)=/.exec(reply.headers.get('set-cookie'));
  assert.equal(name, cookieName, 'the cookie of the security scheme');
  await call(person, 'me', { name: 'person' });
  await call(agent, 'me', { name: 'program' });
  await call(person, 'getWorkspace', { params: ws });
  await call(agent, 'getWorkspace', { params: ws, compare: false });
});

test('an admin administers the workspace', async () => {
  bob = await administer({ instance, person, nobody, call, conflict, ws });
});

test('a channel is made, and a persona called into it', async () => {
  await call(person, 'createStream', { params: ws, status: 201 });
  await conflict(person, 'createStream', { params: ws, body: { type: 'channel', name: 'Labyrinth' } }, 'name_taken');
  await call(person, 'getStream', { params: channel });
  await call(person, 'addMember', { params: channel, status: 201 });
  await call(person, 'addMember', { params: channel });
  await call(person, 'listMembers', { params: channel });
  await call(person, 'postMessage', { params: channel, name: 'question', status: 201 });
  await call(person, 'postMessage', { params: channel, name: 'question' });
});

test('the conversation is read', async () => {
  await call(person, 'bootstrapStream', { params: channel });
  await call(person, 'bootstrapStream', { params: thread });
  for (const query of [{ before: 100, limit: 1 }, { after: 0, limit: 1 }, { around: ids.question }])
    await call(person, 'listTimeline', { params: channel, query });
  await call(person, 'markRead', { params: channel, status: 204 });
  await call(person, 'getMessage', { params: question });
  await call(person, 'listMentionable', { params: ws, query: { q: 'ari', streamId: ids.channel } });
  await call(person, 'search', { params: ws, query: { q: 'exit', forStream: ids.channel, limit: 5 } });
  await call(person, 'openThread', { params: question });
});

test('a pending session takes nothing but a claim', async () => {
  const query = { status: 'pending,running', streamId: ids.thread, personaId: ids.persona, q: 'exit', limit: 1 };
  const { sessions } = (await call(agent, 'listSessions', { params: ws, query })).body;
  contract.know(ids.session, sessions[0].id);
  await conflict(agent, 'heartbeat', { params: session }, 'session_pending');
  await conflict(agent, 'startStep', { params: session, body: { stepType: 'thinking' } }, 'session_pending');
  await conflict(agent, 'writeBatch', { params: session, body: '{"op":"record","stepType":"x"}' }, 'session_pending');
  await conflict(agent, 'showProgress', { params: step, body: { content: 'x' } }, 'session_pending');
  await conflict(agent, 'completeStep', { params: step, body: {} }, 'session_pending');
  await conflict(agent, 'putStep', { params: step, body: { stepType: 'x' } }, 'session_pending');
  await conflict(agent, 'changeSession', { params: session, body: { title: 'x' } }, 'session_pending');
  await conflict(agent, 'completeSession', { params: session, body: {} }, 'session_pending');
  await conflict(
    agent,
    'failSession',
    { params: session, body: { error: { code: 'c', message: 'm' } } },
    'session_pending',
  );
  const body = { content: 'x', sessionId: ids.session };
  await conflict(agent, 'postMessage', { params: thread, body }, 'session_pending');
});

test('a session is claimed, recorded and completed', async () => {
  await call(agent, 'claimSession', { params: session });
  await conflict(agent, 'claimSession', { params: session, body: { workerId: 'other' } }, 'already_claimed');
  await conflict(agent, 'startSession', { params: ws, body: { streamId: ids.thread } }, 'session_running');
  await conflict(
    agent,
    'startSession',
    { params: ws, body: { streamId: ids.channel, triggerMessageId: ids.question } },
    'session_exists',
  );
  await call(agent, 'heartbeat', { params: session, status: 204 });
  await call(agent, 'startStep', { params: session, name: 'start', status: 201 });
  await call(agent, 'startStep', { params: session, name: 'start', compare: false });
  const outline = await call(person, 'getOutline', { params: session });
  const headers = { 'If-None-Match': outline.headers.get('etag') };
  await call(person, 'getOutline', { params: session, headers, status: 304 });
  await call(agent, 'startStep', { params: session, name: 'whole', status: 201 });
  await call(agent, 'showProgress', { params: step, name: 'replace', status: 202 });
  await call(agent, 'showProgress', { params: step, name: 'append', status: 202 });
  await call(agent, 'completeStep', { params: step });
  await call(agent, 'completeStep', { params: step, compare: false });
  await conflict(agent, 'completeStep', { params: step, body: { content: 'something else' } }, 'id_conflict');
  await call(person, 'getStep', { params: step });
  await call(person, 'exportSession', { params: session, query: { format: 'json' } });
  await call(person, 'getInstructions', { params: session });
  await call(agent, 'postMessage', { params: thread, name: 'answer', status: 201 });
  const page = await call(person, 'getSession', { params: session, query: { after: 0, limit: 1 } });
  for (const query of [{ before: 2 }, { around: ids.step, sinceSeq: 1, q: 'thread' }])
    await call(person, 'getSession', { params: session, query });
  await call(person, 'getSession', {
    params: session,
    headers: { 'If-None-Match': page.headers.get('etag') },
    status: 304,
  });
  await call(agent, 'completeSession', { params: session });
  await call(agent, 'completeSession', { params: session });
});

test('an ended session takes nothing more', async () => {
  const open = newId('stp');
  await conflict(agent, 'claimSession', { params: session, body: { workerId: 'other' } }, 'session_ended');
  await conflict(agent, 'heartbeat', { params: session }, 'session_ended');
  await conflict(agent, 'startStep', { params: session, body: { stepType: 'thinking' } }, 'session_ended');
  await conflict(agent, 'writeBatch', { params: session, body: '{"op":"record","stepType":"x"}' }, 'session_ended');
  await conflict(
    agent,
    'failSession',
    { params: session, body: { error: { code: 'c', message: 'm' } } },
    'session_ended',
  );
  await conflict(person, 'cancelSession', { params: session }, 'session_ended');
  await conflict(person, 'retrySession', { params: session }, 'not_retryable');
  const body = { content: 'x', sessionId: ids.session };
  await conflict(agent, 'postMessage', { params: thread, body }, 'session_ended');

  const started = await call(agent, 'startSession', { params: ws, body: {}, status: 201 });
  const params = { ...ws, ses: started.body.session.id };
  const put = { ...params, stp: ids.put };
  await call(agent, 'putStep', { params: put, status: 201 });
  await call(agent, 'putStep', { params: put, compare: false });
  await call(agent, 'startStep', { params, body: { id: open, stepType: 'thinking' }, status: 201 });
  const other = { id: open, stepType: 'x' };
  await conflict(agent, 'startStep', { params, body: other }, 'id_conflict');
  await conflict(agent, 'writeBatch', { params, body: JSON.stringify({ op: 'start', ...other }) }, 'id_conflict');
  await call(person, 'cancelSession', { params });
  await conflict(agent, 'completeStep', { params: { ...params, stp: open }, body: {} }, 'session_ended');
  await conflict(agent, 'completeSession', { params, body: {} }, 'session_ended');
  const late = { stepType: 'x', startedAt: new Date(Date.now() + 120_000).toISOString() };
  await conflict(agent, 'putStep', { params: { ...params, stp: newId('stp') }, body: late }, 'session_ended');
  await instance.psql(`UPDATE agent_sessions SET pruned_at = now() WHERE id = '${params.ses}'`);
  await conflict(agent, 'putStep', { params: { ...params, stp: open }, body: {} }, 'session_pruned');
  await conflict(agent, 'changeSession', { params, body: { title: 'x' } }, 'session_pruned');
});

test('sessions are started by hand, fail, and are tried again', async () => {
  await call(agent, 'startSession', { params: ws, status: 201 });
  await call(agent, 'startSession', { params: ws });
  const other = await addToken(instance, (await addPersona(instance, 'Theseus')).id, ['read', 'sessions:write']);
  const body = { id: ids.byHand };
  await conflict(other, 'startSession', { params: ws, body }, 'id_conflict');
  const params = { ...ws, ses: ids.byHand };
  await call(agent, 'writeBatch', { params });
  await call(agent, 'changeSession', { params });
  await call(agent, 'failSession', { params });
  const again = (await call(person, 'retrySession', { params, status: 201 })).body.session;
  await call(person, 'retrySession', { params });
  await call(agent, 'startSession', { params: ws, body: { streamId: ids.channel }, status: 201 });
  const pending = { ...ws, ses: again.id };
  await conflict(agent, 'claimSession', { params: pending, body: { workerId: 'w' } }, 'session_running');
  await call(person, 'cancelSession', { params: pending });
  const page = await call(person, 'listSessions', { params: ws, query: { limit: 1 } });
  const filters = { model: 'demo', tag: 'maze', from: '2026-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
  const sorted = { ...filters, sort: 'cost', order: 'asc', count: 'true' };
  const csv = { format: 'csv', rating: 'any' };
  for (const query of [{ externalId: 'run-7' }, { before: page.body.nextBefore }, sorted, csv])
    await call(person, 'listSessions', { params: ws, query });
});

test('an agent says how it found its model', async () => {
  await call(agent, 'tellModelStatus', { params: ws, body: { status: 'unreachable' }, status: 204 });
});

test('a person decides what an agent asks', async () => {
  const { id } = (await call(agent, 'startSession', { params: ws, body: {}, status: 201 })).body.session;
  const ask = async () => {
    const body = { stepType: 'approval', content: { question: 'May I?' } };
    const { step: made } = (await call(agent, 'startStep', { params: { ...ws, ses: id }, body, status: 201 })).body;
    return { ...ws, ses: id, stp: made.id };
  };
  const params = await ask();
  await call(person, 'getSession', { params });
  await call(person, 'decideStep', { params });
  await conflict(person, 'decideStep', { params, body: { option: 'reject' } }, 'decided');
  const withdrawn = await ask();
  await call(agent, 'completeStep', { params: withdrawn, body: {} });
  await conflict(person, 'decideStep', { params: withdrawn, body: { option: 'reject' } }, 'approval_closed');
  await call(agent, 'completeSession', { params, body: {} });
});

test('an admin enters prices', async () => {
  await call(person, 'putPrice', { params: ws, compare: false });
  await call(person, 'listPrices', { params: ws, compare: false });
  const other = await addPerson(instance, 'Eve');
  await call(other, 'putPrice', { params: ws, body: minimal.putPrice, status: 403 });
  await call(other, 'deletePrice', { params: ws, body: minimal.deletePrice, status: 403 });
  const body = { ...minimal.putPrice, was: { inputUsd: 9, outputUsd: 9 } };
  for (const one of ['putPrice', 'deletePrice']) await conflict(person, one, { params: ws, body }, 'changed_meanwhile');
  await call(person, 'deletePrice', { params: ws, status: 204 });
});

test('sessions are counted', async () => {
  const from = new Date(Date.now() - 3600_000).toISOString();
  const query = { from, to: new Date().toISOString(), persona: ids.persona, stream: ids.channel, limit: 9 };
  await until(async () => {
    const { totals } = (await call(person, 'getStatistics', { params: ws, query: { from }, compare: false })).body;
    return totals.completed > 0;
  }, 'a session to be counted');
  const more = { timeZone: 'Europe/Athens', model: 'demo' };
  for (const by of ['day', 'hour', 'persona', 'stream', 'model'])
    await call(person, 'getStatistics', { params: ws, query: { ...query, ...more, by }, compare: false });
  for (const by of ['tool', 'error', 'call'])
    await call(person, 'getStatistics', { params: ws, query: { ...query, by }, compare: false });
});

test('messages are edited, deleted and answered in threads', async () => {
  const root = (await call(person, 'postMessage', { params: channel, body: { content: 'Left?' }, status: 201 })).body;
  const params = { ...ws, msg: root.message.id };
  const { stream } = (await call(person, 'openThread', { params, status: 201 })).body;
  const inThread = { ...ws, str: stream.id };
  const reply = (await call(person, 'postMessage', { params: inThread, body: { content: 'Right.' }, status: 201 }))
    .body;
  await conflict(person, 'openThread', { params: { ...ws, msg: reply.message.id } }, 'thread_in_thread');
  await conflict(person, 'addMember', { params: inThread }, 'not_a_channel');
  await conflict(person, 'removeMember', { params: inThread }, 'not_a_channel');
  await call(person, 'editMessage', { params: question });
  const gone = (await call(person, 'postMessage', { params: channel, body: { content: 'No.' }, status: 201 })).body;
  const deleted = { ...ws, msg: gone.message.id };
  await call(person, 'deleteMessage', { params: deleted });
  await conflict(person, 'editMessage', { params: deleted, body: { content: 'Yes.' } }, 'message_deleted');
  await conflict(person, 'openThread', { params: deleted }, 'message_deleted');
  await call(person, 'bootstrapStream', { params: channel });
  await call(person, 'createStream', { params: ws, body: { type: 'scratchpad', name: 'Notes' }, status: 201 });
  await call(person, 'removeMember', { params: channel, status: 204 });
});

test('event streams open with ready, and are over when nothing can come', async () => {
  const room = ['room', `session:${ids.session}`];
  const live = await contract.openEvents(person, [['room', `stream:${ids.channel}`], room]);
  assert.match(live.text, /^retry: \d{4}\n/);
  const { head } = JSON.parse(/^data: (.*)$/m.exec(live.text)[1]).rooms[`session:${contract.id(ids.session)}`];
  assert.equal((await contract.openEvents(person, [room, ['lastEventId', '0']])).status, 200);
  assert.equal((await contract.openEvents(person, [room], { 'Last-Event-ID': String(head) })).status, 204);
});

test('sessions are streams of other protocols, too', () => dialectStory({ contract, session, person, agent }));

test('people and programs rate a session', () => rateStory({ instance, contract, ids, session, person }));

test('a session is shared, read by the link, and the link ended', async () => {
  shared = await shareStory({ instance, contract, ids, session, share, nobody, person, agent });
});

test('admins make webhooks', () => webhookStory({ contract, person, ws }));

test('operations', async () => {
  await call(nobody, 'getHealth');
  instance.kill('trace-pusher', 'SIGSTOP');
  try {
    const { failing } = (await call(nobody, 'getHealth', { status: 503 })).body;
    assert.equal(failing, 'pusher-1');
    // Nor does it say that it has ended the streams of those who leave.
    await call(person, 'removeMember', { params: channel });
    const { id } = (await call(person, 'makeShare', { params: session, body: {}, status: 201 })).body.share;
    await call(person, 'revokeShare', { params: { ...ws, shr: id } });
    await call(await personOf(instance), 'logout');
    await endRights({ instance, person, call, ws, bob });
  } finally {
    instance.kill('trace-pusher', 'SIGCONT');
  }
  await call(nobody, 'getMetrics', { status: 404 });
  const type = await new Promise((resolve, reject) => {
    const socketPath = join(instance.state, 'sock', 'internal.sock');
    request({ socketPath, path: '/metrics' }, (reply) => {
      reply.resume().on('end', () => resolve(`${reply.statusCode} ${reply.headers['content-type']}`));
    })
      .on('error', reject)
      .end();
  });
  assert.match(type, /^200 text\/plain/);
  contract.saw('getMetrics 200');
});

// The caller that the operation is for, and the parameters with which it would be done.
function callerOf(operation) {
  const params = Object.fromEntries(['usr', 'per', 'tok', 'inv', 'rat'].map((kind) => [kind, newId(kind)]));
  Object.assign(params, { ws: ids.ws, str: ids.channel, msg: ids.question, ses: ids.session, stp: ids.step });
  Object.assign(params, { shr: ids.share, whk: ids.webhook });
  const client = isFor(operation, 'person') ? person : isFor(operation, 'ticket') ? shared : agent;
  return { client, params, query: requiredQuery(operation) };
}

test('no credentials: 401', async () => {
  for (const operation of operations.filter(({ responses }) => responses['401'])) {
    const { params, query } = callerOf(operation);
    const body =
      operation.operationId === 'login' ? { email: 'x@example.com', password: 'wrong wrong' } : bodyOf(operation);
    await call(nobody, operation.operationId, { params, query, body, status: 401 });
  }
});

test('a member who is no admin: 403', async () => {
  await refuseMember({ member: await addPerson(instance, 'Frank'), call, callerOf });
});

test('a token without a scope: 403', async () => {
  for (const operation of operations.filter((one) => one.responses['403'] && isFor(one, 'program'))) {
    const { params, query } = callerOf(operation);
    if (query.room) query.room = `session:${ids.session}`;
    await call(reader, operation.operationId, { params, query, body: minimal[operation.operationId], status: 403 });
  }
});

test('what is not there: 404', async () => {
  const absent = { search: { q: 'x', forStream: newId('str') }, listMentionable: { streamId: newId('str') } };
  for (const operation of operations.filter(
    ({ operationId, responses }) => responses['404'] && operationId !== 'getMetrics',
  )) {
    const { client, params, query } = callerOf(operation);
    // A step that is not there is made by putting it.
    const last = operation.operationId === 'putStep' ? 'ses' : /\{(\w+)\}[^{]*$/.exec(operation.path)[1];
    // Of a share that is not there nobody has a ticket.
    if (last === 'shr' && isFor(operation, 'ticket')) query.room = `session:${newId('ses')}`;
    else if (last !== 'ws') params[last] = newId(last);
    else if (operation.operationId !== 'createStream') params.ws = newId('ws');
    if (query.room) query.room = `session:${newId('ses')}`;
    await call(client, operation.operationId, { params, query, body: minimal[operation.operationId], status: 404 });
    if (absent[operation.operationId])
      await call(client, operation.operationId, { params: ws, query: absent[operation.operationId], status: 404 });
  }
});

test('what cannot be: 400, and the problem names the field', async () => {
  for (const operation of operations.filter(({ responses }) => responses['400'])) {
    const { client, params, query } = callerOf(operation);
    if (operation.requestBody) {
      await call(client, operation.operationId, { params, body: '[]', status: 400 });
    } else {
      const bad = operation.parameters.filter(
        ({ in: place, schema }) => place === 'query' && (schema.$ref || schema.enum || schema.type !== 'string'),
      );
      const { name } = bad.at(-1);
      const reply = await call(client, operation.operationId, {
        params,
        query: { ...query, [name]: '!' },
        status: 400,
      });
      assert.equal(reply.body.field, name);
    }
  }
});

accessStory(contract, () => ({ instance, person, ws, channel }));
test('too many failed attempts: 429', () => guessStory({ contract, share, nobody }));

test('everything that is described was seen', async () => {
  await call(person, 'logout', { status: 204 });
  assert.deepEqual(contract.unseen(), []);
});
