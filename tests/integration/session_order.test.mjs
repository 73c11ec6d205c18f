// SPDX-License-Identifier: Apache-2.0
// Steps are in the order in which they started, whatever their numbers are: in pages, outline and around a message.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, newId, upTo } from './session_world.mjs';

let world, agent;
before(async () => {
  world = await World.make();
  ({ agent } = world);
});
after(() => world?.instance.stop());

const at = (session, rest = '') => `agent-sessions/${session}${rest}`;
const page = async (session, query = '') => (await agent.get(at(session, `?${query}`))).expect(200).body;
const numbers = (body) => body.steps.map((step) => step.stepNumber);
const began = Date.now();
const iso = (ms) => new Date(began + ms).toISOString();

// Puts a step for each start, in milliseconds from now: the first one gets the number 1.
async function started(starts, more = () => ({})) {
  const session = await world.session();
  const lines = starts.map((ms, i) =>
    JSON.stringify({ op: 'put', id: newId('stp'), stepType: 'thinking', startedAt: iso(ms), ...more(i) }),
  );
  const { results } = (await agent.post(at(session, '/batch'), lines.join('\n'))).expect(200).body;
  return { session, steps: results.map(({ step }) => step) };
}

// All pages, one after the other, in the direction of the cursor.
async function paged(session, query, cursor, parameter, from) {
  const pages = [];
  for (let place = from; place !== undefined; ) {
    const body = await page(session, `${query}&${parameter}=${place}`);
    pages.push(numbers(body));
    place = body[cursor];
    assert.match(place ?? '1.1', /^\d+\.\d+$/);
    assert.ok(pages.length < 10, 'pages without an end');
  }
  return pages;
}

test('pages go by start, and by number where steps started at once', async () => {
  const { session, steps } = await started([-1000, -4000, -2000, -2000, -3000, -9000, -500]);
  const order = [6, 2, 5, 3, 4, 1, 7];
  assert.deepEqual(numbers(await page(session)), order);
  assert.deepEqual(await paged(session, 'limit=2', 'nextAfter', 'after', 0), [[6, 2], [5, 3], [4, 1], [7]]);
  assert.deepEqual(await paged(session, 'limit=3', 'prevBefore', 'before', 99), [[4, 1, 7], [2, 5, 3], [6]]);
  assert.deepEqual(await paged(session, 'limit=3&q=thinking', 'nextAfter', 'after', 0), [[6, 2, 5], [3, 4, 1], [7]]);
  const cases = {
    'limit=2&after=3': [4, 1],
    'limit=2&before=3': [2, 5],
    'limit=3&around=3': [5, 3, 4],
    [`limit=3&around=${steps[2].id}`]: [5, 3, 4],
    'limit=3&around=99': [1, 7],
    'limit=1&around=99': [7],
    'after=7': [],
    'before=6': [],
    'after=99': [],
    'q=thinking&limit=2&before=1': [3, 4],
    'q=thinking&limit=3&around=5': [2, 5, 3],
  };
  for (const [query, expected] of Object.entries(cases))
    assert.deepEqual(numbers(await page(session, query)), expected, query);
  const middle = await page(session, 'limit=3&around=3');
  assert.equal(middle.prevBefore, `${steps[4].startedUs}.5`);
  assert.equal(middle.nextAfter, `${steps[3].startedUs}.4`);
  const whole = await page(session, 'limit=7');
  assert.deepEqual([whole.nextAfter, whole.prevBefore], [undefined, undefined]);
});

test('a cursor is a place that stays when the step there has moved or is not there at all', async () => {
  const { session, steps } = await started([-4000, -3000, -2000, -1000]);
  const { nextAfter } = await page(session, 'limit=2');
  await agent.put(at(session, `/steps/${steps[1].id}`), { startedAt: iso(-500) });
  assert.deepEqual(numbers(await page(session, `after=${nextAfter}`)), [3, 4, 2]);
  const [us] = nextAfter.split('.');
  assert.deepEqual(numbers(await page(session, `before=${us}.1`)), [1]);
  assert.deepEqual(numbers(await page(session, `after=0.0`)), [1, 3, 4, 2]);
});

test('around a message is around the last of its steps in this order', async () => {
  const messageId = newId('msg');
  const { session } = await started([-5000, -1000, -4000, -3000, -2000], (i) =>
    i === 1 || i === 3 ? { messageId } : {},
  );
  assert.deepEqual(numbers(await page(session, `around=${messageId}&limit=3`)), [5, 2]);
  assert.deepEqual(numbers(await page(session, `around=${messageId}&limit=1`)), [2]);
});

test('the outline is in this order and names promised parents', async () => {
  const promised = newId('stp');
  const { session, steps } = await started([-1000, -3000, -2000], (i) => (i === 0 ? { parentStepId: promised } : {}));
  const { columns, steps: rows } = (await agent.get(at(session, '/outline'))).expect(200).body;
  const column = (name) => rows.map((row) => row[columns.indexOf(name)]);
  assert.deepEqual(columns.slice(-2), ['parentId', 'startedUs']);
  assert.deepEqual(column('number'), [2, 3, 1]);
  assert.deepEqual(column('parentId'), [null, null, promised]);
  assert.deepEqual(column('parentNumber'), [null, null, null]);
  assert.deepEqual(
    column('startedUs'),
    [steps[1], steps[2], steps[0]].map(({ startedUs }) => startedUs),
  );
  await agent.put(at(session, `/steps/${promised}`), { stepType: 'agent', startedAt: iso(-4000) });
  const now = (await agent.get(at(session, '/outline'))).expect(200).body.steps;
  assert.deepEqual(now[3].slice(1, 4), [1, 'thinking', 4]);
});

test('a reader of pages is complete after what changed since the first one', async () => {
  const { session, steps } = await started(upTo(6).map((n) => -10_000 + n * 1000));
  const held = new Map();
  const take = (body) => body.steps.forEach((step) => held.set(step.id, step));
  const first = await page(session, 'limit=3');
  assert.equal(first.lastSeq, first.session.lastSeq);
  take(first);
  // One that is still to come moves to where the reader has been, and a new one is put there too.
  await agent.put(at(session, `/steps/${steps[4].id}`), { startedAt: iso(-9500) });
  await agent.put(at(session, `/steps/${newId('stp')}`), { stepType: 'thinking', startedAt: iso(-9400) });
  for (let body = first; body.nextAfter; ) {
    body = await page(session, `limit=3&after=${body.nextAfter}`);
    take(body);
  }
  assert.equal(held.size, 5);
  take(await page(session, `sinceSeq=${first.lastSeq}`));
  const everything = await page(session);
  assert.deepEqual(
    [...held.values()].sort((a, b) => a.startedUs - b.startedUs || a.stepNumber - b.stepNumber),
    everything.steps,
  );
});
