// SPDX-License-Identifier: Apache-2.0
// Lists, search and statistics are read from a standby, but only while it has all that the primary has: whoever has
// written something finds it, and rights that have ended are not in force, whether the standby is late, away, or none.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { Pair } from '../lib/pair.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';

let pair, instance, agent, person;
const PROGRAMS = ['trace-api', 'workspace-api'];
before(async () => {
  pair = await Pair.open();
  const { port } = pair.standby;
  const env = {
    TRACE_READ_DATABASE_URL: `postgresql://trace_app@127.0.0.1:${port}/trace?target_session_attrs=standby`,
    TRACE_WORKERS: '4',
    TRACE_HEARTBEAT_TIMEOUT: '3600',
  };
  instance = await start({ args: ['--database', pair.url], env });
  agent = agentOf(instance);
  person = await personOf(instance);
});
after(async () => {
  await instance?.stop();
  await pair?.close();
});

const reads = async (server) => {
  let sum = 0;
  for (const name of PROGRAMS) sum += await metric(instance, `${name.replace('-', '_')}_reads_total`, { server });
  return sum;
};

const lines = (pattern) =>
  PROGRAMS.flatMap((name) => instance.log(name).split('\n')).filter((line) => pattern.test(line)).length;

// Everything that may be read from a standby.
const readings = [
  'agent-sessions?count=true',
  'agent-sessions?format=csv',
  'search?q=standby',
  'statistics?by=day',
  'statistics?by=tool',
];
async function readAll() {
  for (const path of readings) (await agent.get(path)).expect(200);
}

async function newSession(title) {
  return (await agent.post('agent-sessions', { title })).expect(201).body.session.id;
}

async function isListed(id) {
  const { sessions } = (await agent.get('agent-sessions?limit=200')).expect(200).body;
  return sessions.some((session) => session.id === id);
}

// Until both programs have found that the standby is current.
const isRead = () =>
  until(async () => {
    const before = await reads('standby');
    await readAll();
    return (await reads('standby')) === before + readings.length;
  }, 'everything to be read from the standby');

test('lists, search and statistics are read from the standby', async () => {
  await isRead();
  assert.equal(lines(/are read from the primary: (?!the standby is behind)/), 0);
});

test('what has been written is in every list that is asked for afterwards', async () => {
  for (let i = 0; i < 50; i++) assert.ok(await isListed(await newSession(`session ${i}`)));
  const text = 'Pomegranates for the standby';
  const path = `streams/${instance.env.TRACE_STREAM}/messages`;
  const { message } = (await person.post(path, { content: text })).expect(201).body;
  const { hits } = (await person.get('search?q=pomegranates')).expect(200).body;
  assert.deepEqual(
    hits.map((hit) => hit.message.id),
    [message.id],
  );
});

test('a standby that is behind is not read, and it is said once', async () => {
  await isRead();
  const said = lines(/the standby is behind/);
  await pair.standby.sql('SELECT pg_wal_replay_pause()');
  await until(
    async () => (await pair.standby.sql('SELECT pg_get_wal_replay_pause_state()')) === 'paused',
    'the standby to pause',
  );
  const before = await reads('standby');
  for (let i = 0; i < 20; i++) assert.ok(await isListed(await newSession(`behind ${i}`)));
  await readAll();

  // A sign-in that has ended is still valid where the standby stands.
  const member = await personOf(instance);
  (await member.get('agent-sessions')).expect(200);
  assert.ok((await member.post('/api/auth/logout', {})).status < 300);
  (await member.get('agent-sessions')).expect(401);

  assert.equal(await reads('standby'), before, 'nothing was read from it');
  assert.ok(lines(/the standby is behind/) - said <= PROGRAMS.length, 'once for each program');
  await pair.standby.sql('SELECT pg_wal_replay_resume()');
  await isRead();
});

test('a standby that is killed is not missed, and is read again when it is back', async () => {
  await isRead();
  await pair.standby.kill();
  const before = await reads('standby');
  for (let i = 0; i < 5; i++) {
    await readAll();
    (await agent.get('agent-sessions')).expect(200);
  }
  assert.equal(await reads('standby'), before);
  await pair.standby.start();
  await isRead();
});

test('a standby that was promoted is not read', async () => {
  await isRead();
  await pair.standby.promote();
  const before = await reads('standby');
  await readAll();
  assert.equal(await reads('standby'), before);
});
