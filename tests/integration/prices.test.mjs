// SPDX-License-Identifier: Apache-2.0
// What steps cost where their agents do not say it: computed from usage and the price of the model by every way in which
// a step can be written, kept on the step, and summed on the session as its usage is.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findPrefix } from '../lib/instance.mjs';
import { run } from './admin.mjs';
import { World, newId } from './session_world.mjs';

let world, agent;
const own = { model: 'labyrinth-1', inputUsd: 2, outputUsd: 10, cacheReadUsd: 0.5, cacheWriteUsd: 4 };
before(async () => {
  world = await World.make();
  ({ agent } = world);
  (await world.ada.put('prices', own)).expect(200);
});
after(() => world?.instance.stop());

async function prices(...args) {
  const env = { DATABASE_URL: world.instance.env.DATABASE_URL };
  const { status, out, err } = await run(join(await findPrefix(), 'bin', 'trace-admin'), ['prices', ...args], { env });
  assert.equal(status, 0, err);
  return out;
}
const setPrice = (price) =>
  prices('set', ...Object.entries(price).flatMap(([name, value]) => [`--${name}`, String(value)]));
const batch = (session, lines) =>
  agent.post(`agent-sessions/${session}/batch`, lines.map((line) => JSON.stringify(line)).join('\n'));

const said = {
  model: 'Labyrinth-1',
  inputTokens: 1000,
  outputTokens: 200,
  cacheReadTokens: 300,
  cacheWriteTokens: 100,
};
// 600 fresh, 300 read, 100 written, 200 out.
const cost = (600 * 2 + 300 * 0.5 + 100 * 4 + 200 * 10) / 1e6;
const made = async () => (await agent.post('agent-sessions', {})).expect(201).body.session.id;
const shown = async (session) => (await agent.get(`agent-sessions/${session}`)).expect(200).body;
const usageOf = async (session) => (await shown(session)).session.usage;
const steps = (session) => `agent-sessions/${session}/steps`;
const record = async (session, usage) =>
  (await agent.post(steps(session), { stepType: 'generation', completed: true, usage })).expect(201).body.step;

const ways = {
  'recorded whole': (session) => record(session, said),
  'started and completed': async (session) => {
    const { step } = (await agent.post(steps(session), { stepType: 'generation' })).expect(201).body;
    return (await agent.post(`${steps(session)}/${step.id}/complete`, { usage: said })).expect(200).body.step;
  },
  put: async (session) =>
    (
      await agent.put(`${steps(session)}/${newId('stp')}`, { stepType: 'generation', completed: true, usage: said })
    ).expect(201).body.step,
  'put open, with its usage, and ended later': async (session) => {
    const at = `${steps(session)}/${newId('stp')}`;
    const { step } = (await agent.put(at, { stepType: 'generation', usage: said })).expect(201).body;
    assert.deepEqual(step.usage, said);
    assert.equal(await usageOf(session), undefined);
    return (await agent.put(at, { completed: true })).expect(200).body.step;
  },
  'ended, and its usage put later': async (session) => {
    const at = `${steps(session)}/${newId('stp')}`;
    (await agent.put(at, { stepType: 'generation', completed: true })).expect(201);
    return (await agent.put(at, { usage: said })).expect(200).body.step;
  },
  'put in a batch': async (session) => {
    const lines = [{ op: 'put', id: newId('stp'), stepType: 'generation', completed: true, usage: said }];
    return (await batch(session, lines)).expect(200).body.results[0].step;
  },
  'in a batch': async (session) => {
    const lines = [{ op: 'record', stepType: 'generation', usage: said }];
    return (await batch(session, lines)).expect(200).body.results[0].step;
  },
  'started and completed in a batch': async (session) => {
    const id = newId('stp');
    const lines = [
      { op: 'start', id, stepType: 'generation' },
      { op: 'complete', id, usage: said },
    ];
    return (await batch(session, lines)).expect(200).body.results[1].step;
  },
};
for (const [way, write] of Object.entries(ways))
  test(`a step that is ${way} costs what its tokens cost, the cached ones apart`, async () => {
    const session = await made();
    const step = await write(session);
    assert.deepEqual(step.usage, { ...said, costUsd: cost, costComputed: true });
    const { session: now, steps: list } = await shown(session);
    assert.deepEqual(list[0].usage, step.usage);
    assert.equal(now.usage.costUsd, cost);
    assert.equal(now.usage.costComputed, true);
    const whole = (await agent.get(`${steps(session)}/${step.id}`)).expect(200).body.step;
    assert.deepEqual(whole.usage, step.usage);
  });

test('what an agent says of its cost stays, and is not marked', async () => {
  const session = await made();
  const step = await record(session, { ...said, costUsd: 7 });
  assert.deepEqual(step.usage, { ...said, costUsd: 7 });
  assert.equal((await usageOf(session)).costComputed, undefined);
  await record(session, said);
  const usage = await usageOf(session);
  assert.deepEqual([usage.costUsd, usage.costComputed], [7 + cost, true]);
});

test('a model without a price has no cost, and neither has what repeats others or says no tokens', async () => {
  const session = await made();
  for (const usage of [
    { ...said, model: 'minotaur-9' },
    { ...said, isSum: true },
    { model: own.model },
    { inputTokens: 5 },
  ])
    assert.deepEqual((await record(session, usage)).usage, usage);
  assert.equal('costUsd' in (await usageOf(session)), false);
});

test('input that is less than what was cached stands beside it', async () => {
  const step = await record(await made(), { model: own.model, inputTokens: 10, cacheReadTokens: 1000 });
  assert.equal(step.usage.costUsd, (10 * 2 + 1000 * 0.5) / 1e6);
});

test('a model is found by its name, without its date, and without its provider', async () => {
  const shared = { input: '1', output: '1' };
  for (const [model, input] of [
    ['oracle', '1'],
    ['oracle-2025-01-02', '3'],
    ['delphi/oracle', '5'],
  ])
    await setPrice({ ...shared, model, input });
  const price = async (model) =>
    Number(((await record(await made(), { model, inputTokens: 1e6 })).usage.costUsd ?? -1).toFixed(9));
  assert.deepEqual(
    await Promise.all(
      [
        'oracle',
        'ORACLE',
        'oracle-20250929',
        'oracle@20250929',
        'oracle-latest',
        'oracle-2025-01-02',
        'delphi/oracle',
        'router/delphi/oracle-2024-08-06',
        'other/oracle',
        'oracle:free',
        'oracle-preview',
        'oracle-2',
      ].map(price),
    ),
    [1, 1, 1, 1, 1, 3, 5, 5, 1, -1, -1, -1],
  );
});

test('a workspace’s own price wins, and one that is shared holds again when it is removed', async () => {
  await setPrice({ model: 'pythia', input: 1, output: 1 });
  const price = async () => (await record(await made(), { model: 'pythia', inputTokens: 1e6 })).usage.costUsd;
  const listed = async () =>
    (await world.bob.get('prices')).expect(200).body.prices.filter(({ model }) => model === 'pythia');
  assert.equal(await price(), 1);
  const { price: entered } = (await world.ada.put('prices', { model: 'Pythia', inputUsd: 0.25, outputUsd: 0 })).expect(
    200,
  ).body;
  assert.deepEqual([entered.model, entered.own, entered.inputUsd], ['pythia', true, 0.25]);
  assert.equal(await price(), 0.25);
  assert.deepEqual(await listed(), [entered]);
  (await world.ada.request('DELETE', `/api/workspaces/${world.ids.ws}/prices`, { model: 'pythia' })).expect(204);
  (await world.ada.request('DELETE', `/api/workspaces/${world.ids.ws}/prices`, { model: 'pythia' })).expect(404);
  assert.equal(await price(), 1);
  assert.equal((await listed())[0].own, false);
});

test('only admins enter prices, and only of what can be one', async () => {
  assert.equal((await world.bob.put('prices', own)).expect(403).body.code, 'admin_only');
  (await world.eve.put(`/api/workspaces/${world.ids.ws}/prices`, own)).expect(404);
  for (const [field, value] of [
    ['inputUsd', -1],
    ['inputUsd', '2'],
    ['outputUsd', undefined],
    ['cacheReadUsd', 1e9],
    ['model', ''],
  ])
    assert.equal((await world.ada.put('prices', { ...own, [field]: value })).expect(400).body.field, field);
});

test('a new price changes no cost of before until costs are recomputed, of steps that no agent has priced', async () => {
  const model = 'sphinx';
  await setPrice({ model, input: 1, output: 1 });
  const session = await made();
  const usage = { model, inputTokens: 1e6 };
  const step = await record(session, usage);
  await record(session, { ...usage, costUsd: 100 });
  await setPrice({ model, input: 3, output: 1 });
  assert.equal((await usageOf(session)).costUsd, 101);
  // An ended step that is put again keeps its cost as well.
  (await agent.put(`${steps(session)}/${step.id}`, { name: 'named later' })).expect(200);
  const before = await shown(session);
  assert.equal(before.session.usage.costUsd, 101);
  await prices('recompute', '--workspace', world.ids.ws);
  const now = await shown(session);
  assert.deepEqual([now.session.usage.costUsd, now.steps[0].usage.costUsd, now.steps[1].usage.costUsd], [103, 3, 100]);
  assert.equal(now.session.lastSeq, before.session.lastSeq + 2);
  const again = await prices('recompute', '--workspace', world.ids.ws);
  assert.match(again, /^0 sessions/);
});

test('an exported step keeps its mark where it is put again', async () => {
  const session = await made();
  const step = await record(session, said);
  const file = (await agent.get(`agent-sessions/${session}/export?format=ndjson`)).expect(200).text;
  const other = await made();
  (await batch(other, [{ ...JSON.parse(file), id: newId('stp') }])).expect(200);
  assert.deepEqual((await shown(other)).steps[0].usage, step.usage);
  assert.equal((await usageOf(other)).costUsd, cost);
});
