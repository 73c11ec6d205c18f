// A revocation that the pusher reads in one piece with an answer, behind it: nothing further has to come for it to be heard.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, until } from '../lib/instance.mjs';
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

// Whoever reads the steps waits until the function that is returned is called.
async function lockSteps() {
  const psql = spawn('psql', ['-X', '-q', '-A', '-t', '-d', instance.env.DATABASE_URL]);
  psql.stdin.write("BEGIN; LOCK TABLE steps IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n");
  await once(psql.stdout, 'data');
  return async () => {
    psql.stdin.end('COMMIT;\n');
    await once(psql, 'close');
  };
}

const linkIs = (condition) => until(async () =>
  (await instance.psql(`SELECT FROM pg_stat_activity WHERE application_name = 'trace-pusher' AND ${condition}`)).length > 0, condition);

test('a sign-out right behind an answer is heard with it', async () => {
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const room = `session:${session.id}`;
  const record = () => agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking', completed: true, content: 'x' });
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
  (await person.post('/api/auth/logout')).expect(204);
  await sleep(200);
  process.kill(instance.pid('trace-pusher'), 'SIGCONT');
  await late.wait((event) => event.data?.seq === 5);
  await watch.wait('revoked', 2000);
  late.close();
  watch.close();
});
