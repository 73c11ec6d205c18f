// SPDX-License-Identifier: Apache-2.0
// The end of rights: the verb that ends them answers when the pusher has ended the streams, and a revocation that the pusher
// reads in one piece with an answer, behind it, is heard without anything further.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { until } from '../lib/patience.mjs';
import { addPerson } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance;
let agent;

// The comparison of the counters would heal it: it is to be far away.
before(async () => {
  instance = await start({ env: { TRACE_PUSHER_CHECK: '60' } });
  agent = agentOf(instance);
});
after(() => instance?.stop());

// Every reader of the steps waits until the function that is returned is called.
async function lockSteps() {
  const psql = spawn('psql', ['-X', '-q', '-A', '-t', '-d', instance.env.DATABASE_URL]);
  psql.stdin.write("BEGIN; LOCK TABLE steps IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n");
  await once(psql.stdout, 'data');
  return async () => {
    psql.stdin.end('COMMIT;\n');
    await once(psql, 'close');
  };
}

const linkIs = (condition) =>
  until(
    async () =>
      (await instance.psql(`SELECT FROM pg_stat_activity WHERE application_name = 'trace-pusher' AND ${condition}`))
        .length > 0,
    condition,
  );

test('a sign-out right behind an answer is heard with it', async () => {
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const room = `session:${session.id}`;
  const record = () =>
    agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking', completed: true, content: 'x' });
  for (let i = 0; i < 3; i++) (await record()).expect(201);
  const person = await personOf(instance);
  const watch = await openEvents(person, [room]);
  await watch.wait('ready');
  (await record()).expect(201);
  await watch.wait('agent_session:step:completed');
  const release = await lockSteps();
  const late = await openEvents(agent, [room], { lastEventId: '1' });
  await linkIs("wait_event_type = 'Lock'");
  instance.kill('trace-pusher', 'SIGSTOP');
  await release();
  await linkIs("state = 'idle'");
  // As a sign-out does, but without the hint that goes with it.
  await instance.psql(`INSERT INTO revocations (principal) SELECT id FROM login_sessions
    WHERE hash = sha256(convert_to('${person.cookie.split('=')[1]}', 'UTF8'))`);
  // Nothing shows when the notification has reached the stopped pusher's socket. Were this too short, the test would pass.
  await sleep(200);
  process.kill(instance.pid('trace-pusher'), 'SIGCONT');
  await late.wait((event) => event.data?.seq === 5);
  await watch.wait('revoked', 2000);
  late.close();
  watch.close();
});

// A private channel of one's own with another member, who listens to it.
async function channelWith(owner, member, name) {
  const made = await owner.post('streams', { type: 'channel', name, private: true });
  const { stream } = made.expect(201).body;
  (await owner.post(`streams/${stream.id}/members`, { userId: member.id })).expect(200, 201);
  const reader = await openEvents(member, [`stream:${stream.id}`]);
  await reader.wait('ready');
  const remove = () => owner.delete(`streams/${stream.id}/members`, { userId: member.id });
  return { stream, reader, remove };
}

test('whoever was removed gets nothing that was said after the removal was answered', async () => {
  const owner = await personOf(instance);
  for (let round = 0; round < 20; round++) {
    // Somebody else each time: for a moment after a revocation new streams of that person wait.
    const member = await addPerson(instance, `Mina${round}`);
    const { stream, reader, remove } = await channelWith(owner, member, `round-${round}`);
    (await remove()).expect(204);
    (await owner.post(`streams/${stream.id}/messages`, { content: 'among ourselves' })).expect(201);
    await reader.ended;
    const types = reader.of().map(({ type }) => type);
    assert.equal(types.at(-1), 'revoked', types.join());
    assert.ok(!types.includes('message:created'), types.join());
    assert.deepEqual(reader.violations, []);
  }
});

test('a pusher that does not acknowledge is waited for a moment, and the answer says so', async () => {
  const [owner, member] = [await personOf(instance), await addPerson(instance, 'Nora')];
  const { reader, remove } = await channelWith(owner, member, 'stopped');
  const pending = () => metric(instance, 'workspace_api_revocations_pending_total');
  const before = await pending();
  instance.kill('trace-pusher', 'SIGSTOP');
  try {
    const began = performance.now();
    const reply = await remove();
    assert.deepEqual([reply.status, reply.body], [200, { revocationPending: true }]);
    assert.ok(performance.now() - began >= 240, `${performance.now() - began} ms`);
    const signedOut = await member.post('/api/auth/logout');
    assert.deepEqual([signedOut.status, signedOut.body], [200, { revocationPending: true }]);
  } finally {
    process.kill(instance.pid('trace-pusher'), 'SIGCONT');
  }
  await reader.wait('revoked', 2000);
  await until(async () => (await pending()) === before + 2, 'both are counted');
});
