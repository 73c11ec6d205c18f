// SPDX-License-Identifier: Apache-2.0
// Sessions in the dialects of other people's clients, read by the published clients: live, joined in the middle, after
// the end; completed, failed, cancelled, interrupted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World } from '../integration/session_world.mjs';
import { until } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { endSilent } from '../lib/silence.mjs';
import { AgUiReader, AiReader, isSame, Work } from './dialects.mjs';

let world;

before(async () => {
  world = await World.make();
});
after(() => world?.instance.stop());

const ai = (work) => new AiReader(world.reader, work.id);
const agUi = (work) => new AgUiReader(world.reader, `${work.path}/ag-ui`);
const bothOf = (work) => [ai(work), agUi(work)];
const begun = (reader) =>
  reader instanceof AiReader
    ? reader.until(() => true, 'it began')
    : reader.until(({ events }) => events.length > 0, 'it began');

// Both have the text so far.
async function haveText(readers, text) {
  for (const reader of readers)
    await reader.until(() => reader.texts.some((had) => had.includes(text)), `it had ${text.slice(0, 40)}`);
}

// Everything that a session may have. `pause` is called in the middle, while three steps are open.
async function everything(work, pause) {
  await work.think(['Where ', 'is the ', 'thread?']);
  const agent = await work.start('agent', { name: 'researcher' });
  const thought = await work.start('thinking', { parentStepId: agent });
  await work.write(thought, 'It must ', 0);
  const tool = await work.start('tool_call', {
    name: 'search',
    parentStepId: agent,
    content: { tool: 'search', args: { query: 'thread' } },
  });
  const other = await work.start('web_search', { parentStepId: agent, content: { query: 'Ariadne' } });
  await work.write(thought, 'be \u2028somewhere “here”\n', 8);
  await pause();
  const sources = [
    { type: 'web', title: 'Thread', url: 'https://example.com/a' },
    { type: 'document', title: 'Plan of the labyrinth' },
  ];
  await work.complete(other, { content: { query: 'Ariadne', resultCount: 2 }, sources });
  await work.write(thought, 'or there.', 8 + Buffer.byteLength('be \u2028somewhere “here”\n'));
  await work.complete(tool, { content: { tool: 'search', args: { query: 'thread' }, result: { found: ['knot', 1] } } });
  await work.complete(thought, { content: 'It must be \u2028somewhere “here”\nor there. Yes.' });
  await work.complete(agent, { content: { output: 'in the labyrinth' } });
  const failing = await work.start('tool_call', { content: { tool: 'pull', args: {} } });
  await work.complete(failing, { error: { code: 'torn', message: 'the thread is torn' } });
  await work
    .start('approval', { content: { question: 'Go in?', expiresAt: new Date(Date.now() + 60_000).toISOString() } })
    .then((step) => work.complete(step));
  const answer = await work.start('message_sent');
  await work.write(answer, 'It is ', 0);
  await work.complete(answer, { content: { text: 'It is in the labyrinth.' } });
}

const TEXTS = ['Where is the thread?', 'It must be \u2028somewhere “here”\nor there. Yes.', 'It is in the labyrinth.'];

test('a session reads the same live, joined in the middle and after its end', async () => {
  const work = await Work.begin(world.agent, { title: 'Find the thread' });
  const live = bothOf(work);
  await Promise.all(live.map(begun));
  let joined;
  await everything(work, async () => {
    joined = bothOf(work);
    await haveText([...live, ...joined], 'somewhere “here”');
  });
  await work.end();
  await Promise.all([...live, ...joined].map(({ done }) => done));
  const late = agUi(work);
  await late.done;
  assert.equal(await ai(work).done, null, '204: nothing is being written');
  isSame(live[0], joined[0]);
  isSame(live[1], joined[1]);
  isSame(live[1], late);
  for (const reader of [...live, late]) assert.deepEqual(reader.texts, TEXTS);

  const [page, run] = live;
  assert.equal(page.message.id, work.id);
  assert.equal(page.message.metadata.status, 'completed');
  assert.equal(page.message.metadata.title, 'Find the thread');
  const tools = page.parts('dynamic-tool');
  assert.deepEqual(
    tools.map(({ toolName, state, output, errorText }) => [toolName, state, output ?? errorText]),
    [
      ['search', 'output-available', { found: ['knot', 1] }],
      ['web_search', 'output-available', { query: 'Ariadne', resultCount: 2 }],
      ['pull', 'output-error', 'the thread is torn'],
    ],
  );
  assert.deepEqual(tools[0].input, { query: 'thread' });
  assert.deepEqual(
    page.parts('source-url').map(({ url }) => url),
    ['https://example.com/a'],
  );
  assert.deepEqual(
    page.parts('source-document').map(({ title }) => title),
    ['Plan of the labyrinth'],
  );
  const steps = page.parts('data-step').map(({ data }) => data);
  const agent = steps.find(({ stepType }) => stepType === 'agent');
  assert.equal(agent.name, 'researcher');
  assert.equal(steps.filter(({ parentStepId }) => parentStepId === agent.stepId).length, 3);
  assert.ok(steps.every(({ status, durationMs }) => status !== 'running' && Number.isInteger(durationMs)));
  assert.deepEqual(steps.find(({ stepType }) => stepType === 'approval').content.question, 'Go in?');

  assert.equal(run.error, undefined);
  assert.deepEqual(
    run.of('RUN_STARTED').map(({ runId, threadId }) => [runId, threadId]),
    [[work.id, work.id]],
  );
  assert.deepEqual(
    run.of('RUN_FINISHED').map(({ outcome }) => outcome),
    [{ type: 'success' }],
  );
  const [sub] = run.of('SUBAGENT_STARTED');
  assert.equal(sub.name, 'researcher');
  assert.equal(run.of('STEP_STARTED').filter(({ subagentRunId }) => subagentRunId === sub.subagentRunId).length, 3);
  const results = run.messages.filter(({ role }) => role === 'tool');
  assert.deepEqual(
    results.map(({ content }) => content).sort(),
    ['the thread is torn', '{"found":["knot",1]}', '{"query":"Ariadne","resultCount":2}'].sort(),
  );
  const [sources] = run.of('ACTIVITY_SNAPSHOT').filter(({ activityType }) => activityType === 'SOURCES');
  assert.equal(sources.content.sources.length, 2);
});

test('a text of 60 kB is whole for everyone, in pieces and at once', async () => {
  const work = await Work.begin(world.agent);
  const pieces = Array.from({ length: 60 }, (_, i) => `${String(i).padStart(4)} ${'ä'.repeat(500)}\n`);
  const text = pieces.join('');
  const live = bothOf(work);
  await Promise.all(live.map(begun));
  await work.think(pieces);
  const whole = await work.start('thinking');
  await work.complete(whole, { content: text });
  await work.call('read', { path: '/' }, text);
  const joined = bothOf(work);
  await haveText([...live, ...joined], '  59 ');
  await work.end();
  await Promise.all([...live, ...joined].map(({ done }) => done));
  for (const reader of [...live, ...joined]) assert.deepEqual(reader.texts, [text, text]);
  assert.equal(live[0].parts('dynamic-tool')[0].output, text);
  assert.equal(joined[1].messages.find(({ role }) => role === 'tool').content, text);
});

test('a text that grows by being sent anew is said once', async () => {
  const work = await Work.begin(world.agent);
  const live = bothOf(work);
  await Promise.all(live.map(begun));
  const step = await work.start('thinking');
  for (const text of ['One', 'One two', 'One two three']) {
    await work.write(step, text);
    await haveText(live, text);
  }
  await work.complete(step, { content: 'One two three.' });
  await work.end();
  await Promise.all(live.map(({ done }) => done));
  for (const reader of live) assert.deepEqual(reader.texts, ['One two three.']);
  assert.ok(live[1].of('REASONING_MESSAGE_CONTENT').every(({ delta }) => !/One.+One/.test(delta)));
});

test('a text that is replaced begins anew for who had the other one', async () => {
  const work = await Work.begin(world.agent);
  const live = bothOf(work);
  await Promise.all(live.map(begun));
  const step = await work.start('thinking');
  await work.write(step, 'It is left.');
  await haveText(live, 'left');
  await work.write(step, 'No: right.');
  await haveText(live, 'right');
  await work.complete(step, { content: 'No: right.' });
  const joined = bothOf(work);
  await haveText(joined, 'right');
  await work.end();
  await Promise.all([...live, ...joined].map(({ done }) => done));
  for (const reader of live) assert.deepEqual(reader.texts, ['It is left.', 'No: right.']);
  for (const reader of joined) assert.deepEqual(reader.texts, ['No: right.']);
  assert.equal(live[1].of('CUSTOM')[0].name, 'text_replaced');
});

test('a session that failed is an error, with its open steps closed', async () => {
  const work = await Work.begin(world.agent);
  const [page, run] = bothOf(work);
  await Promise.all([page, run].map(begun));
  const step = await work.start('thinking');
  await work.start('tool_call', { content: { tool: 'dig' } });
  await work.write(step, 'half a thou');
  await haveText([page, run], 'half');
  await work.end('fail', { error: { code: 'model_error', message: 'the model is away' } });
  await page.done;
  await run.done.catch(() => {});
  assert.match(String(page.error), /the model is away/);
  assert.equal(page.message.metadata.status, 'failed');
  assert.equal(page.message.metadata.error.code, 'model_error');
  const [failed] = run.of('RUN_ERROR');
  assert.deepEqual([failed.code, failed.message], ['model_error', 'the model is away']);
  for (const reader of [page, run]) assert.deepEqual(reader.texts, ['half a thou']);
  assert.deepEqual(
    page.parts('data-step').map(({ data }) => data.status),
    ['interrupted', 'interrupted'],
  );
  assert.equal(page.parts('dynamic-tool')[0].errorText, 'interrupted');
  const late = agUi(work);
  await late.done.catch(() => {});
  assert.equal(late.of('RUN_ERROR').length, 1);
});

test('a cancelled session says so, and leaves nothing open', async () => {
  const work = await Work.begin(world.agent);
  const [page, run] = bothOf(work);
  await Promise.all([page, run].map(begun));
  await work.start('agent', { name: 'digger' }).then((agent) => work.start('thinking', { parentStepId: agent }));
  await work.end('cancel');
  await Promise.all([page.done, run.done]);
  assert.equal(page.message.metadata.status, 'cancelled');
  assert.equal(page.chunks.at(-1).type, 'abort');
  assert.deepEqual(
    run.of('RUN_FINISHED').map(({ outcome }) => outcome),
    [{ type: 'cancelled' }],
  );
  assert.equal(run.of('STEP_FINISHED').length + run.of('SUBAGENT_ERROR').length, 2);
});

test('a session whose agent fell silent ends as an error', async () => {
  const work = await Work.begin(world.agent);
  const [page, run] = bothOf(work);
  const step = await work.start('thinking');
  await work.write(step, 'and then');
  await endSilent(world.instance, world.agent, work.id);
  await page.done;
  await run.done.catch(() => {});
  assert.equal(run.of('RUN_ERROR')[0].code, 'heartbeat_lost');
  assert.equal(page.message.metadata.error.code, 'heartbeat_lost');
});

test('late steps of an ended session stand before its end', async () => {
  const work = await Work.begin(world.agent, { heartbeat: 'none' });
  await work.call('first', {}, 'one');
  await work.end();
  const late = 'stp_00000000000000000000000001';
  const step = {
    stepType: 'tool_call',
    name: 'late',
    content: { tool: 'late', args: {}, result: 'two' },
    completed: true,
  };
  (await world.agent.put(`${work.path}/steps/${late}`, step)).expect(200, 201);
  const run = agUi(work);
  await run.done;
  assert.deepEqual(
    run.messages.filter(({ role }) => role === 'tool').map(({ content }) => content),
    ['one', 'two'],
  );
  assert.equal(run.events.at(-1).type, 'RUN_FINISHED');
});

test('a pending session is announced at once', async () => {
  const work = new Work(world.agent, await world.pending({ stream_id: world.ids.open, last_seq: 1 }));
  await world.sql(`INSERT INTO session_events (session_id, seq, type, session)
    SELECT id, 1, 'agent_session:requested', session_core_json(s) FROM agent_sessions s WHERE id = '${work.id}'`);
  const readers = bothOf(work);
  await Promise.all(readers.map(begun));
  assert.equal(readers[0].message.metadata.status, 'pending');
  assert.equal(readers[1].of('RUN_STARTED')[0].threadId, world.ids.open);
  await work.end('cancel');
  await Promise.all(readers.map(({ done }) => done));
});

test('a run is started by a message, and the same message follows the same session', async () => {
  const stream = (await world.ada.post('streams', { type: 'channel', name: 'runs' })).expect(201).body.stream.id;
  const path = `streams/${stream}/ag-ui`;
  const messages = [
    { id: 'm0', role: 'user', content: 'an older one' },
    { id: 'm1', role: 'user', content: '@ariadne where is the thread?' },
  ];
  const runs = [new AgUiReader(world.ada, path, { messages }), new AgUiReader(world.ada, path, { messages })];
  await Promise.all(runs.map(begun));
  const [session, other] = runs.map((run) => run.of('RUN_STARTED')[0].runId);
  assert.equal(session, other);
  const work = new Work(world.agent, session);
  (await world.agent.post(`${work.path}/claim`, { workerId: 'w' })).expect(200);
  await work.think(['Here.']);
  await work.end();
  await Promise.all(runs.map(({ done }) => done));
  for (const run of runs) assert.deepEqual(run.texts, ['Here.']);
  const { events } = (await world.ada.get(`streams/${stream}/events`)).expect(200).body;
  const posted = events.filter(({ type }) => type === 'message:created').map(({ message }) => message.content);
  assert.deepEqual(posted, ['@ariadne where is the thread?']);
});

test('a message that nobody would answer is not posted', async () => {
  const stream = (await world.ada.post('streams', { type: 'channel', name: 'empty' })).expect(201).body.stream.id;
  const post = (messages, by = world.ada) => by.post(`streams/${stream}/ag-ui`, { messages });
  assert.equal((await post([{ id: 'm', role: 'user', content: 'hello?' }])).expect(409).code, 'nobody_called');
  for (const messages of [
    [],
    [{ role: 'assistant', content: 'x' }],
    [{ role: 'user', content: ' ' }],
    'x',
    [1],
    [{ role: 'user', content: [{ type: 'image' }] }],
    [{ id: 7, role: 'user', content: 'x' }],
  ])
    assert.equal((await post(messages)).expect(400).code, 'invalid_body', JSON.stringify(messages));
  assert.equal((await post([{ role: 'user', content: '@ariadne' }], world.agent)).expect(401).code, 'unauthenticated');
  const { events } = (await world.ada.get(`streams/${stream}/events`)).expect(200).body;
  assert.deepEqual(
    events.filter(({ type }) => type === 'message:created'),
    [],
  );
});

test('only who may read the session may follow it, and no page of another origin', async () => {
  const { secret } = world.ids;
  await world.sql(
    `INSERT INTO stream_members (stream_id, member_id) VALUES ('${secret}', '${world.ids.ariadne}') ON CONFLICT DO NOTHING`,
  );
  const work = await Work.begin(world.agent, { streamId: secret });
  const asked = (client, headers) => [
    client.get(`${work.path}/stream`, headers),
    client.post(`${work.path}/ag-ui`, {}, headers),
  ];
  for (const client of [world.bob, world.other])
    for (const reply of await Promise.all(asked(client))) assert.equal(reply.expect(404).code, 'not_found');
  for (const reply of await Promise.all(asked(world.stranger))) assert.equal(reply.expect(404).code, 'not_found');
  for (const reply of await Promise.all(asked(world.nobody))) assert.equal(reply.expect(401).code, 'unauthenticated');
  for (const reply of await Promise.all(asked(world.writer)))
    assert.equal(reply.expect(403).code, 'insufficient_scope');
  const foreign = { origin: 'https://elsewhere.example' };
  assert.equal((await world.ada.post(`${work.path}/ag-ui`, {}, foreign)).expect(403).code, 'cross_origin');
  await work.end();
});

test('sockets are handed over where the request has no body, and readers who are proxied read the same', async () => {
  const fate = () => metric(world.instance, 'trace_pusher_handoffs_total', { fate: 'stream' });
  const before = await fate();
  const work = await Work.begin(world.agent);
  const readers = [...bothOf(work), ...bothOf(work)];
  await Promise.all(readers.map(begun));
  assert.equal((await fate()) - before, 2, 'those of the AI SDK');
  await work.think(['one ', 'two']);
  await work.end();
  await Promise.all(readers.map(({ done }) => done));
  isSame(readers[0], readers[2]);
  isSame(readers[1], readers[3]);
});

test('a stream that a restarted pusher breaks off says so, and is read whole when it is followed again', async () => {
  const work = await Work.begin(world.agent);
  const readers = bothOf(work);
  await Promise.all(readers.map(begun));
  await work.think(['before']);
  await haveText(readers, 'before');
  world.instance.kill('trace-pusher', 'SIGTERM');
  await Promise.all(readers.map(({ done }) => done.catch(() => {})));
  assert.equal(readers[1].of('RUN_ERROR')[0].code, 'stream_interrupted');
  assert.match(String(readers[0].error), /interrupted/);
  await work.think(['after']);
  const again = await until(async () => {
    const both = bothOf(work);
    // Until it is back, nginx answers 502.
    const areOpen = await Promise.all(both.map(begun)).then(
      () => true,
      () => false,
    );
    return areOpen && both;
  }, 'the pusher is back');
  await work.end();
  await Promise.all(again.map(({ done }) => done));
  for (const reader of again) assert.deepEqual(reader.texts, ['before', 'after']);
});
