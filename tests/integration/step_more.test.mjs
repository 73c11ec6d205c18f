// SPDX-License-Identifier: Apache-2.0
// What a step was given and gave, its attributes, events and links: with every call that writes a step. The single step
// shows them byte for byte; lists and events say only how long they are.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEvents } from '../lib/sse.mjs';
import { World, newId } from './session_world.mjs';

let world, agent;
before(async () => {
  world = await World.make();
  ({ agent } = world);
});
after(() => world?.instance.stop());

const at = (session, rest = '') => `agent-sessions/${session}${rest}`;
const fields = ['input', 'output', 'attributes', 'events', 'links'];
// As it is sent: numbers and the order of members stay.
const more = {
  input: '{"b":1.10,"a":12345678901234567890}',
  output: '"done"',
  attributes: '{"gen_ai.system":"x","n":-0}',
  events: '[{"name":"token","at":1}]',
  links: '[{"trace":"t"}]',
};
const members = (some) => some.map((name) => `"${name}":${more[name]}`).join(',');
const raw = (text) => [text, { 'content-type': 'application/json' }];
const send = (path, body) => agent.post(path, ...raw(body));

async function assertWhole(session, step, some = fields) {
  const { text } = (await agent.get(at(session, `/steps/${step}`))).expect(200);
  for (const name of fields)
    assert.equal(text.includes(`"${name}":${more[name]}`), some.includes(name), `${name} of ${text}`);
  const { steps } = (await agent.get(at(session))).expect(200).body;
  const brief = steps.find(({ id }) => id === step);
  for (const name of fields)
    assert.deepEqual(
      [brief[name], brief[`${name}Length`]],
      [undefined, some.includes(name) ? more[name].length : undefined],
    );
}

test('a start, a completion and a whole step take them, and none of the others loses them', async () => {
  const session = await world.session();
  const [id, whole] = [newId('stp'), newId('stp')];
  const started = (
    await send(at(session, '/steps'), `{"id":"${id}","stepType":"tool_call",${members(['input', 'attributes'])}}`)
  ).expect(201);
  assert.ok(started.text.includes(`"input":${more.input}`));
  await assertWhole(session, id, ['input', 'attributes']);
  (await send(at(session, `/steps/${id}/complete`), `{${members(['output', 'events', 'links'])}}`)).expect(200);
  await assertWhole(session, id);
  (
    await send(at(session, '/steps'), `{"id":"${whole}","stepType":"tool_call","completed":true,${members(fields)}}`)
  ).expect(201);
  await assertWhole(session, whole);
  const plain = (await agent.post(at(session, '/steps'), { stepType: 'thinking' })).expect(201).body.step.id;
  (await agent.post(at(session, `/steps/${plain}/complete`), {})).expect(200);
  await assertWhole(session, plain, []);
});

test('a completion replaces what the start has said', async () => {
  const session = await world.session();
  const { id } = (await agent.post(at(session, '/steps'), { stepType: 'tool_call', input: 1, output: 2 })).expect(201)
    .body.step;
  const { step } = (await agent.post(at(session, `/steps/${id}/complete`), { output: 3 })).expect(200).body;
  assert.deepEqual([step.input, step.output], [1, 3]);
});

test('a child is started with them under its parent, and a missing parent is 400', async () => {
  const session = await world.session();
  const parent = (await agent.post(at(session, '/steps'), { stepType: 'agent' })).expect(201).body.step.id;
  const body = { stepType: 'tool_call', input: [1], parentStepId: parent };
  const { step } = (await agent.post(at(session, '/steps'), body)).expect(201).body;
  assert.deepEqual([step.parentStepId, step.input], [parent, [1]]);
  const { field } = (await agent.post(at(session, '/steps'), { ...body, parentStepId: newId('stp') })).expect(400).body;
  assert.equal(field, 'parentStepId');
  (await agent.post(at(session, '/steps'), { ...body, id: step.id })).expect(200);
  const numbers = await world.numbers(session);
  assert.equal(numbers.taken.length, numbers.last);
});

test('a repeat that says something else of them is refused, and one that says the same is not', async () => {
  const session = await world.session();
  const id = newId('stp');
  const begin = { id, stepType: 'tool_call', input: [1], attributes: { a: 1 } };
  const again = async (path, body, fields) => {
    const answer = (await agent.post(at(session, path), body)).expect(fields ? 409 : 200).body;
    if (fields) assert.deepEqual([answer.code, answer.fields], ['id_conflict', fields]);
  };
  (await agent.post(at(session, '/steps'), begin)).expect(201);
  await again('/steps', begin);
  await again('/steps', { ...begin, input: [2], attributes: {} }, ['input', 'attributes']);
  const end = { input: [3], output: 'x' };
  (await agent.post(at(session, `/steps/${id}/complete`), end)).expect(200);
  await again(`/steps/${id}/complete`, end);
  await again(`/steps/${id}/complete`, { ...end, output: 'y' }, ['output']);
  // Its end has replaced what the start said.
  await again('/steps', begin);
  const lines = [
    { op: 'start', ...begin },
    { op: 'complete', id, ...end },
  ];
  await again('/batch', lines.map((line) => JSON.stringify(line)).join('\n'));
  await again('/batch', JSON.stringify({ op: 'complete', id, links: [1] }), ['links']);
});

test('the lines of a batch take them, a completion in a later batch too', async () => {
  const session = await world.session();
  const [both, later, whole] = [newId('stp'), newId('stp'), newId('stp')];
  const lines = [
    `{"op":"start","id":"${both}","stepType":"tool_call",${members(['input', 'attributes'])}}`,
    `{"op":"start","id":"${later}","stepType":"tool_call",${members(['input'])}}`,
    `{"op":"complete","id":"${both}",${members(['output', 'events', 'links'])}}`,
    `{"op":"record","id":"${whole}","stepType":"tool_call",${members(fields)}}`,
  ];
  const { results } = (await agent.post(at(session, '/batch'), lines.join('\n'))).expect(200).body;
  assert.deepEqual([results[0].step.input, results[0].step.inputLength], [undefined, more.input.length]);
  await assertWhole(session, both);
  await assertWhole(session, whole);
  await assertWhole(session, later, ['input']);
  const end = `{"op":"complete","id":"${later}",${members(['output', 'attributes', 'events', 'links'])}}`;
  (await agent.post(at(session, '/batch'), end)).expect(200);
  await assertWhole(session, later);
});

test('events have their lengths alone, live as in replay', async () => {
  const session = await world.session();
  const live = await openEvents(agent, [`session:${session}`]);
  await live.wait('ready');
  const [posted, put] = [newId('stp'), newId('stp')];
  const body = { stepType: 'tool_call', completed: true, input: 'x'.repeat(3000) };
  (await agent.post(at(session, '/steps'), { ...body, id: posted })).expect(201);
  (await agent.put(at(session, `/steps/${put}`), body)).expect(201);
  const last = (event) => event.data.seq === 3;
  await live.wait(last);
  const replay = await openEvents(agent, [`session:${session}`], { lastEventId: '1' });
  await replay.wait(last);
  for (const room of [live, replay])
    for (const { data } of room.of('agent_session:step:completed'))
      assert.deepEqual([data.step.input, data.step.inputLength], [undefined, 3002]);
  assert.deepEqual(
    live.of('agent_session:step:completed').map(({ data }) => data),
    replay.of('agent_session:step:completed').map(({ data }) => data),
  );
  for (const room of [live, replay]) room.close();
});

test('what cannot be is 400 and writes nothing', async () => {
  const session = await world.session();
  const open = (await agent.post(at(session, '/steps'), { stepType: 'tool_call' })).expect(201).body.step.id;
  const cases = {
    input: ['x'.repeat(1024 * 1024)],
    output: ['x'.repeat(1024 * 1024)],
    attributes: ['x', [], 1, { a: 'x'.repeat(65536) }],
    events: ['x', {}, ['x'.repeat(65536)]],
    links: [1, {}, ['x'.repeat(65536)]],
  };
  for (const [field, values] of Object.entries(cases))
    for (const value of values) {
      const body = { stepType: 'tool_call', [field]: value };
      for (const path of ['/steps', `/steps/${open}/complete`]) {
        const { code, field: named } = (await agent.post(at(session, path), body)).expect(400).body;
        assert.deepEqual([code, named], ['invalid_body', field]);
      }
      const line = (await agent.post(at(session, '/batch'), JSON.stringify({ op: 'record', ...body }))).expect(
        400,
      ).body;
      assert.deepEqual([line.field, line.line], [field, 1]);
    }
  const { session: now, steps } = (await agent.get(at(session))).expect(200).body;
  assert.deepEqual([now.lastSeq, steps.length, steps[0].status], [2, 1, 'running']);
});
