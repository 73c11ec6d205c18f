// SPDX-License-Identifier: Apache-2.0
// The programs do not depend on how the server, the database or the role is set: an operator's settings for other uses change
// nothing that a client sees.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { openEvents } from '../lib/sse.mjs';
import { MessageWorld } from './message_world.mjs';

const SETTINGS = {
  standard_conforming_strings: 'off',
  escape_string_warning: 'off',
  DateStyle: "'SQL, DMY'",
  IntervalStyle: 'sql_standard',
  TimeZone: "'Asia/Kolkata'",
  extra_float_digits: '-15',
  bytea_output: 'escape',
  transform_null_equals: 'on',
  default_transaction_isolation: "'serializable'",
  array_nulls: 'off',
  default_transaction_read_only: 'on', // the last one: none could be set after it
};

let world;
before(async () => (world = await MessageWorld.make()));
after(() => world?.stop());

// What a client sees of the same doings, without ids and times; times are looked at by themselves.
async function doings() {
  const { ada, agent } = world;
  const began = Date.now();
  const stream = await world.makeStream();
  const text = `a \\ b \\n 'c' "d" \\x41 é ${'\u{1F600}'} @${world.persona.slug}`;
  const message = await world.say(ada, stream.id, text);
  const [pending] = await world.sessionsOf(message.threadId);
  const session = `agent-sessions/${pending.id}`;
  (await agent.post(`${session}/claim`, { workerId: 'a' })).expect(200);
  const step = newId('stp');
  const startedAt = new Date(began - 60_000).toISOString();
  const content = { messages: [{ messageId: message.id, text }], n: 1.1, path: 'C:\\new' };
  const usage = { inputTokens: 7, costUsd: 0.1 };
  (
    await agent.post(`${session}/steps`, { id: step, stepType: 'note', content, usage, startedAt, completed: true })
  ).expect(201);
  (
    await agent.put(`${session}/steps/${newId('stp')}`, {
      stepType: 'note',
      content,
      usage,
      startedAt,
      completed: true,
    })
  ).expect(201);
  (await agent.post(`${session}/complete`, {})).expect(200);
  const page = (await ada.get(session)).expect(200).body;
  const replay = await openEvents(ada, [`stream:${message.threadId}`], { lastEventId: '0' });
  await replay.wait('agent_session:completed');
  replay.close();
  const times = [page.session.createdAt, page.session.startedAt, page.session.completedAt, message.createdAt];
  for (const time of times) {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(time) - began) < 600_000, time);
  }
  assert.equal(page.steps[0].startedAt, startedAt);
  return {
    text: (await ada.get(`messages/${message.id}`)).body.message.content,
    found: (await ada.get('search?q=new')).expect(200).status,
    steps: page.steps.map((one) => [one.content.messages[0].text, one.content.n, one.content.path, one.usage]),
    usage: page.session.usage,
    status: page.session.status,
    events: replay.events.filter(({ data }) => data?.seq !== undefined).map(({ type }) => type),
  };
}

test('whatever the database is set to, clients see the same', async () => {
  const { instance } = world;
  const expected = await doings();
  const [{ name }] = await instance.psql('SELECT current_database() AS name');
  for (const [key, value] of Object.entries(SETTINGS))
    await instance.psql(`ALTER DATABASE ${name} SET ${key} = ${value}`);
  await instance
    .psql(
      `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    .catch(() => {});
  assert.deepEqual(await doings(), expected);
});
