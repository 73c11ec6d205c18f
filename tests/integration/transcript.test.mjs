// SPDX-License-Identifier: Apache-2.0
// A coding agent's session of 3,000 steps, recorded out of order, twice, over a network that loses, doubles and delays, and
// that is away for a while in the middle: what is read afterwards is what was said, in the order of its times.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../fault/random.mjs';
import { Client } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { makeTranscript } from '../lib/transcript.mjs';
import { Proxy } from './emitter_proxy.mjs';
import { World, upTo } from './session_world.mjs';

const STEPS = 3000;
// For longer than a session lives without a heartbeat: it is ended, and runs again with the first put.
const AWAY_MS = process.env.TRACE_TEST_LONG ? 90_000 : 2000;
const LINES = 40;
const WRITERS = 4;
const SEED = 11;

let world, proxy, agent, path, session, steps, recorded;

before(async () => {
  world = await World.make();
  proxy = new Proxy(world.instance.url, SEED);
  proxy.oneIn = 8;
  agent = new Client(await proxy.start(), world.agent);
  session = await world.session({ title: 'A long day of work' });
  path = `agent-sessions/${session}`;
  steps = makeTranscript({ n: STEPS, seed: SEED, until: Date.now() });
});
after(async () => {
  proxy?.stop();
  await world?.instance.stop();
});

function shuffled(list, random) {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const k = random.below(i + 1);
    [out[i], out[k]] = [out[k], out[i]];
  }
  return out;
}

// A call until it is answered. What was done and not answered is done again.
async function insist(call) {
  for (;;) {
    try {
      const reply = await call();
      if (reply.status !== 503) return reply.expect(200, 201).body;
    } catch (error) {
      if (error.code === 'ERR_ASSERTION') throw error;
    }
    await sleep(20);
  }
}

// Batches of puts; what is long goes alone.
function batchesOf(puts) {
  const isLong = ({ output }) => output !== undefined;
  const short = puts.filter((put) => !isLong(put));
  const batches = puts.filter(isLong).map((put) => [put]);
  for (let i = 0; i < short.length; i += LINES) batches.push(short.slice(i, i + LINES));
  return batches;
}

async function record(puts, { onHalf } = {}) {
  const batches = batchesOf(puts);
  const half = batches.length >> 1;
  let next = 0;
  const writer = async () => {
    while (next < batches.length) {
      if (next === half) onHalf?.();
      const lines = batches[next++].map((put) => JSON.stringify({ op: 'put', ...put })).join('\n');
      await insist(() => agent.post(`${path}/batch`, lines));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

const opened = ({ id, parentStepId, startedAt, stepType, name }) => ({
  id,
  stepType,
  startedAt,
  ...(parentStepId && { parentStepId }),
  ...(name && { name }),
});

// The pages from the one of `first` on, as far as `next` says how to go on.
async function pages(first, next) {
  const found = [];
  for (let query = first; query !== undefined; ) {
    const page = (await world.reader.get(`${path}?limit=500${query}`)).expect(200).body;
    found.push(page.steps);
    query = next(page);
  }
  return found;
}
const going = (name, cursor) => (cursor === undefined ? undefined : `&${name}=${cursor}`);
const byOrder = (a, b) => a.startedUs - b.startedUs || a.stepNumber - b.stepNumber;

test('it is recorded out of order, beginnings after ends, while the network is bad and then away', async () => {
  const random = randomFrom(SEED);
  await record(shuffled([...steps, ...steps.map(opened)], random), {
    onHalf: () => {
      proxy.isAway = true;
      setTimeout(() => (proxy.isAway = false), AWAY_MS);
    },
  });
  for (const fault of ['away', 'dropBefore', 'dropAfter', 'double', 'late']) assert.ok(proxy.counts[fault] > 0, fault);
  recorded = (await world.reader.get(`${path}?limit=1`)).expect(200).body.session;
  assert.equal(recorded.stepCount, STEPS);
  assert.equal(recorded.status, 'running');
});

test('the same again changes nothing and tells nobody', async () => {
  await record(shuffled(steps, randomFrom(SEED + 1)));
  await record(shuffled(steps.map(opened), randomFrom(SEED + 2)));
  const { lastSeq, usage } = (await world.reader.get(`${path}?limit=1`)).expect(200).body.session;
  assert.deepEqual([lastSeq, usage], [recorded.lastSeq, recorded.usage]);
});

test('its pages have every step once, whole, in the order of its times, forwards and backwards', async () => {
  const read = (await pages('', ({ nextAfter }) => going('after', nextAfter))).flat();
  const backwards = await pages(`&around=${read.at(-1)?.id}`, ({ prevBefore }) => going('before', prevBefore));
  assert.deepEqual(
    backwards
      .reverse()
      .flat()
      .map(({ id }) => id),
    read.map(({ id }) => id),
  );
  assert.deepEqual(
    read.map(({ id }) => id),
    [...read].sort(byOrder).map(({ id }) => id),
  );
  const said = new Map(steps.map((step) => [step.id, step]));
  assert.equal(read.length, said.size);
  for (const step of read) {
    const { stepType, name, parentStepId, startedAt, completedAt, content, error, usage } = said.get(step.id);
    assert.deepEqual(
      [step.stepType, step.name, step.parentStepId, Date.parse(step.startedAt), Date.parse(step.completedAt)],
      [stepType, name, parentStepId, Date.parse(startedAt), Date.parse(completedAt)],
    );
    assert.deepEqual([step.status, step.error, step.usage], [error ? 'failed' : 'completed', error, usage]);
    if (content !== undefined) assert.deepEqual(step.content, content, step.id);
  }
});

test('what is long is read whole with its step', async () => {
  const long = steps.filter(({ output }) => output !== undefined);
  assert.ok(long.length >= 3);
  for (const { id, output } of long)
    assert.ok((await world.reader.get(`${path}/steps/${id}`)).expect(200).body.step.output === output, id);
});

test('its outline has the same order and the parents that were promised', async () => {
  const outline = (await world.reader.get(`${path}/outline`)).expect(200).body;
  const column = (name) => outline.columns.indexOf(name);
  const rows = outline.steps.map((row) => ({ id: row[column('id')], parentId: row[column('parentId')] ?? undefined }));
  const parents = new Map(steps.map(({ id, parentStepId }) => [id, parentStepId]));
  assert.equal(rows.length, STEPS);
  for (const { id, parentId } of rows) assert.equal(parentId, parents.get(id), id);
});

test('its tokens are counted once', () => {
  const sum = (field) => steps.reduce((total, { usage }) => total + (usage?.[field] ?? 0), 0);
  assert.equal(recorded.usage.inputTokens, sum('inputTokens'));
  assert.equal(recorded.usage.outputTokens, sum('outputTokens'));
});

test('its replay has every number once, and each number is taken by one change', async () => {
  const room = await openEvents(world.reader, [`session:${session}`], { lastEventId: '0' });
  await room.wait((event) => event.position === String(recorded.lastSeq) && event.type !== 'ready');
  room.close();
  const numbers = room.of().flatMap(({ data }) => data.seq ?? []);
  assert.deepEqual(numbers, upTo(recorded.lastSeq));
  const { last, taken } = await world.numbers(session);
  assert.deepEqual(taken, upTo(last));
});
