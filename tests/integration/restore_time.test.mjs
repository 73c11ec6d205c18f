// SPDX-License-Identifier: Apache-2.0
// Recovery to a point in time, as docs/operate.md describes it: archive, base backup, the moment before a mistake, and
// after-restore. The cluster keeps its identifier and the database its oid, so nothing but that command says that what was
// counted after the moment is void.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { findPrefix, start } from '../lib/instance.mjs';
import { Archived } from '../lib/pair.mjs';
import { addToken } from '../lib/people.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

const run = promisify(execFile);
let database, instance;
const begin = () => start({ args: ['--database', database.url], env: { TRACE_HEARTBEAT_TIMEOUT: '3600' } });

before(async () => {
  database = await Archived.open();
  instance = await begin();
});
after(async () => {
  await instance?.stop();
  await database?.close();
});

async function admin(...args) {
  const program = join(await findPrefix(), 'bin', 'trace-admin');
  const { stdout } = await run(program, [...args, '--json'], { env: { ...process.env, DATABASE_URL: database.url } });
  return JSON.parse(stdout);
}
const addStep = async (client, session, content) =>
  (await client.post(`agent-sessions/${session}/steps`, { stepType: 'thinking', content, completed: true })).expect(
    201,
  );
const contentsOf = async (client, session) =>
  (await client.get(`agent-sessions/${session}`)).expect(200).body.steps.map(({ content }) => content);

test('what was written until the moment is there, what came later is not, and every position is reset', async () => {
  const { TRACE_EMAIL: email, TRACE_PASSWORD: password, TRACE_WORKSPACE: workspace, TRACE_PERSONA } = instance.env;
  let agent = agentOf(instance);
  const session = (await agent.post('agent-sessions', { title: 'Recovered' })).expect(201).body.session.id;
  await addStep(agent, session, 'In the backup.');
  await database.takeBackup();
  await addStep(agent, session, 'In the archive.');
  const before = await personOf(instance);
  const moment = await database.server.sql('SELECT clock_timestamp()');
  await addStep(agent, session, 'The mistake.');
  const later = await personOf(instance);
  const reader = await openEvents(later, [`session:${session}`], { lastEventId: '0' });
  await reader.wait(({ data }) => data?.step?.content === 'The mistake.');
  const position = reader.lastEventId;
  const { epoch } = reader.of('ready')[0].data;
  reader.close();
  await database.archiveAll();

  await instance.stop();
  instance = undefined;
  await database.recover(moment);
  const { restored } = await admin('after-restore', '--access', 'revoke');
  assert.notEqual(restored.epoch, epoch);
  assert.deepEqual([restored.signIns, restored.tokens], [0, 0]);
  assert.ok(restored.tokensRevoked >= 1 && restored.signInsEnded >= 1, JSON.stringify(restored));
  assert.deepEqual((await admin('migrate')).applied, []);

  instance = await begin();
  for (const { token, cookie } of [agent, before, later]) {
    const gone = new Client(instance.url, { token, cookie, workspace });
    assert.equal((await gone.get(`agent-sessions/${session}`)).status, 401);
  }
  const person = await new Client(instance.url, { workspace }).signIn(email, password);
  assert.deepEqual(await contentsOf(person, session), ['In the backup.', 'In the archive.']);

  // The counter catches up with that of the database that is gone; by numbers alone nobody could tell.
  agent = await addToken(instance, TRACE_PERSONA, ['read', 'sessions:write'], { workspace });
  await addStep(agent, session, 'Instead of it.');
  const again = await openEvents(person, [`session:${session}`], { lastEventId: position, reconnect: true });
  const reset = await again.wait('reset', 30_000);
  assert.equal(reset.id, `${position.split('~')[0]}~${restored.epoch}`);
  again.close();
  assert.deepEqual(await contentsOf(person, session), ['In the backup.', 'In the archive.', 'Instead of it.']);
});
