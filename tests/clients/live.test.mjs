// SPDX-License-Identifier: Apache-2.0
// The published clients of others, each running the same small agent (live/agent.mjs) against an instance: whole, through
// a bad network, stopped by a person, killed. A few go through all of that, the others only when asked: TRACE_TEST_LONG=1.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../lib/instance.mjs';
import { World } from '../integration/session_world.mjs';
import { clients } from './live/clients.mjs';
import { Trouble, launch, newToken, skeleton } from './live/drive.mjs';

const SILENCE_S = 10; // the shortest that a token may have
const FEW = ['langgraph', 'otel-live', 'langfuse', 'openai-agents'];

let world;
before(async () => {
  world = await World.make();
});
after(() => world?.instance.stop());

async function sessionsOf(persona) {
  const rows = await world.sql(`SELECT id FROM agent_sessions WHERE persona_id = '${persona}' ORDER BY created_at`);
  return Promise.all(rows.map(async ({ id }) => (await world.ada.get(`agent-sessions/${id}`)).expect(200).body));
}

async function onlySession(persona, app) {
  const sessions = await sessionsOf(persona);
  assert.equal(sessions.length, 1, `${sessions.length} sessions\n${app.errors()}`);
  return sessions[0];
}

async function untilEnded(persona, app) {
  const isOver = async () => {
    const { session } = await onlySession(persona, app);
    return session.status !== 'running';
  };
  await until(isOver, 'the session to end', 90_000);
}

// A run to its end with all that it sends.
async function runTo(name, base, { persona, secret }, meanwhile = async () => {}) {
  const app = launch(name, base, secret, { RUN: meanwhile.length ? 'stopped' : 'whole' });
  await meanwhile(app);
  if (clients[name].stays) await app.next('end');
  else assert.equal(await app.status, 0, app.errors());
  // Its root has ended, and it settles once nothing more has come for a while.
  await untilEnded(persona, app);
  if (clients[name].stays) app.kill('SIGKILL');
  return onlySession(persona, app);
}

function expectWhole(name, { session, steps }) {
  assert.deepEqual(skeleton(steps), clients[name].whole);
  assert.deepEqual([session.usage.inputTokens, session.usage.outputTokens], [700, 140]);
  assert.equal(session.status, 'completed');
}

for (const [name, client] of Object.entries(clients)) {
  const isLong = !FEW.includes(name) && !process.env.TRACE_TEST_LONG;
  const skip = isLong && 'takes minutes for all of them: TRACE_TEST_LONG=1 runs it';

  test(`${name}: a whole run is one session with its tree, in order`, async () => {
    expectWhole(name, await runTo(name, world.instance.url, await newToken(world)));
  });

  if (client.troubles.length)
    test(`${name}: what is refused or cut is sent again, and kept once`, { skip }, async () => {
      const proxy = new Trouble(world.instance.url, client.troubles);
      try {
        expectWhole(name, await runTo(name, await proxy.start(), await newToken(world)));
        assert.equal(proxy.counts.tooMany, 1);
      } finally {
        proxy.stop();
      }
    });

  test(`${name}: a run that a person stops has its errors where they were`, { skip }, async () => {
    const token = await newToken(world, client.isEndless ? SILENCE_S : undefined);
    const { session, steps } = await runTo(name, world.instance.url, token, async (app) => {
      await app.next('stopped');
      app.kill('SIGUSR2');
    });
    assert.deepEqual([session.status, skeleton(steps)], client.cancelled);
    assert.deepEqual([session.usage.inputTokens, session.usage.outputTokens], [400, 80]);
  });

  test(`${name}: a run that is killed is interrupted after its silence`, { skip }, async () => {
    const { persona, secret } = await newToken(world, SILENCE_S);
    const app = launch(name, world.instance.url, secret, { RUN: 'stopped' });
    await app.next('stopped');
    const hasTold = async () => {
      const [one] = await sessionsOf(persona);
      return one && skeleton(one.steps).length === client.killed.length;
    };
    if (client.killed) await until(hasTold, 'what it tells before its end');
    app.kill('SIGKILL');
    await app.status;
    if (!client.killed) return assert.deepEqual(await sessionsOf(persona), []);
    await untilEnded(persona, app);
    const { session, steps } = await onlySession(persona, app);
    assert.deepEqual([session.status, session.error.code], ['failed', 'source_silent']);
    assert.deepEqual(skeleton(steps), client.killed);
  });
}
