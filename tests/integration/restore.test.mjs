// SPDX-License-Identifier: Apache-2.0
// A database that was restored from a backup: nobody works with it by mistake, and nobody keeps what another one counted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { run } from './admin.mjs';

let instance, agent, admin, dump;

const urlOf = (database) => instance.env.DATABASE_URL.replace(/\/trace(\?|$)/, `/${database}$1`);
const sql = async (database, text) => {
  const { status, out, err } = await run('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', urlOf(database), '-c', text]);
  if (status !== 0) throw new Error(err);
  return out.trim();
};
const good = async (program, args) => {
  const { status, out, err } = await run(program, args);
  assert.equal(status, 0, err);
  return out;
};
const adminOf = (database, ...args) => run(admin, args, { env: { DATABASE_URL: urlOf(database) } });

// As docs/operate.md says: a new database takes the name while the old one is kept under another.
async function replace(before, now) {
  await sql('postgres', `ALTER DATABASE trace ALLOW_CONNECTIONS false`);
  await sql('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('trace', '${now}')`);
  await until(
    async () =>
      (await sql('postgres', `SELECT count(*) FROM pg_stat_activity WHERE datname IN ('trace', '${now}')`)) === '0',
    'the connections to end',
  );
  await sql('postgres', `ALTER DATABASE trace RENAME TO ${before}`);
  await sql('postgres', `ALTER DATABASE ${now} RENAME TO trace`);
}

async function restoreInto(database) {
  await sql('postgres', `CREATE DATABASE ${database}`);
  await good('pg_restore', ['--exit-on-error', '-d', urlOf(database), dump]);
}

async function makeSession(title) {
  const reply = await agent.post('agent-sessions', { title, streamId: instance.env.TRACE_STREAM });
  return reply.expect(201).body.session.id;
}
const addStep = async (session, content) =>
  (await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking', content, completed: true })).expect(201);

before(async () => {
  instance = await start();
  agent = agentOf(instance);
  admin = `${instance.prefix}/bin/trace-admin`;
  dump = `${instance.state}/trace.dump`;
});
after(() => instance?.stop());

test('a restored database is not used until after-restore, and then every position of before is reset', async () => {
  const session = await makeSession('Before');
  await addStep(session, 'Saved.');
  await good('pg_dump', ['--format=custom', '--file', dump, instance.env.DATABASE_URL]);
  await addStep(session, 'Lost with the machine.');
  const reader = await openEvents(agent, [`session:${session}`], { lastEventId: '0' });
  await reader.wait(({ data }) => data?.step?.content === 'Lost with the machine.');
  const position = reader.lastEventId;
  assert.match(position, /^\d+~[0-9A-HJKMNP-TV-Z]{6}$/);
  const { epoch } = reader.of('ready')[0].data;
  assert.equal(position.split('~')[1], epoch);
  reader.close();

  await restoreInto('restored');
  for (const command of [['migrate'], ['list', 'users'], ['sweep']]) {
    const { status, err } = await adminOf('restored', ...command);
    assert.equal(status, 1, command.join(' '));
    assert.match(err, /restored copy of another one: run trace-admin after-restore/);
  }

  await replace('lost', 'restored');
  await until(
    async () => (await new Client(instance.url).get('/healthz')).status === 503,
    'the programs to refuse the copy',
  );
  assert.equal((await agent.get(`agent-sessions/${session}`)).expect(503).code, 'database_unavailable');
  assert.match(instance.log('trace-api'), /run trace-admin after-restore/);

  assert.equal((await adminOf('trace', 'after-restore')).status, 2);
  assert.equal((await adminOf('trace', 'after-restore', '--access', 'maybe')).status, 2);
  const { restored } = JSON.parse((await adminOf('trace', 'after-restore', '--access', 'keep', '--json')).out);
  assert.match(restored.epoch, /^[0-9A-HJKMNP-TV-Z]{6}$/);
  assert.notEqual(restored.epoch, epoch);
  assert.deepEqual([restored.signInsEnded, restored.tokensRevoked, restored.tokens], [0, 0, 2]);
  assert.equal((await adminOf('trace', 'migrate')).status, 0);
  await instance.waitHealthy(60_000);

  // Each worker finds the database for itself: one may still be waiting for its next try.
  await until(async () => {
    const step = { stepType: 'thinking', content: 'Written after the restore.', completed: true };
    const { status } = await agent.post(`agent-sessions/${session}/steps`, step);
    assert.ok([201, 503].includes(status), `status ${status}`);
    return status === 201;
  }, 'the session to be written again');
  // The counter has caught up: by numbers alone the client would miss what is different below.
  const again = await openEvents(agent, [`session:${session}`], { lastEventId: position, reconnect: true });
  const reset = await again.wait('reset', 30_000);
  assert.deepEqual(reset.data, { room: `session:${session}` });
  assert.equal(reset.id, `${position.split('~')[0]}~${restored.epoch}`);
  again.close();

  // A position without an epoch is one of an older client, and is taken as it is.
  const old = await openEvents(agent, [`session:${session}`], { lastEventId: '1' });
  await old.wait(({ data }) => data?.step?.content === 'Written after the restore.');
  assert.deepEqual(old.of('reset'), []);
  old.close();
});

test('after-restore can end all access, because some of it was ended after the backup', async () => {
  const person = await personOf(instance);
  const session = (await agent.post('agent-sessions', { title: 'Shared' })).expect(201).body.session.id;
  const { share, secret } = (await person.post(`agent-sessions/${session}/shares`, {})).expect(201).body;
  const link = (await person.post('invites', { email: 'guest@example.com' })).expect(201).body;
  await good('pg_dump', ['--format=custom', '--file', dump, instance.env.DATABASE_URL]);
  await restoreInto('second');
  const { restored } = JSON.parse((await adminOf('second', 'after-restore', '--access', 'revoke', '--json')).out);
  assert.deepEqual([restored.signInsEnded, restored.tokensRevoked], [1, 2]);
  assert.deepEqual([restored.signIns, restored.tokens], [0, 0]);
  await replace('first', 'second');
  await until(async () => (await person.get('/api/auth/me')).status === 401, 'the sign-in to be void');
  assert.equal((await agent.get(`streams/${instance.env.TRACE_STREAM}`)).status, 401);
  const nobody = person.with({ cookie: undefined });
  (await nobody.post(`/api/shares/${share.id}/ticket`, { secret })).expect(404);
  (await nobody.post(`/api/invites/${link.invite.id}`, { secret: link.secret })).expect(404);
  // The password is the one of the backup.
  await personOf(instance);
});

test('after-restore takes a backup of a version that had no links yet', async () => {
  await restoreInto('older');
  await sql('older', 'DROP TABLE invites, share_tickets, shares CASCADE');
  const { status, err } = await adminOf('older', 'after-restore', '--access', 'revoke');
  assert.equal(status, 0, err);
});
