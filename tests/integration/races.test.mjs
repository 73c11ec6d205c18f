// SPDX-License-Identifier: Apache-2.0
// Two at once, of whom the second began before the first had committed: it decides by what is there when its turn comes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Holder } from '../lib/holder.mjs';
import { findPrefix } from '../lib/instance.mjs';
import { openEvents } from '../lib/sse.mjs';
import { run } from './admin.mjs';
import { World, newId } from './session_world.mjs';

let world;
before(async () => {
  world = await World.make();
});
after(() => world?.instance.stop());

// `first` is done by statements that are committed while `second` waits for them.
async function race(first, second) {
  const holder = await Holder.open(world.instance, first);
  try {
    const answer = second();
    await Promise.race([holder.someoneWaits(), answer]);
    await holder.commit();
    return await answer;
  } finally {
    holder.close();
  }
}

test('what is pruned takes with it the step that was being put', async () => {
  const { agent } = world;
  const session = await world.session();
  for (const content of ['one', 'two'])
    (await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking', completed: true, content })).expect(
      201,
    );
  (await agent.post(`agent-sessions/${session}/complete`, {})).expect(200);
  const late = JSON.stringify({ id: newId('stp'), step_number: 3, start_seq: 90, end_seq: 91, seq: 91 });
  const { status, out } = await race(
    `SELECT id FROM agent_sessions WHERE id = '${session}' FOR NO KEY UPDATE;
     INSERT INTO steps SELECT (json_populate_record(s, '${late}')).* FROM steps s WHERE session_id = '${session}' LIMIT 1`,
    async () =>
      run(join(await findPrefix(), 'bin', 'trace-admin'), ['prune', '--older-than', '0s', '--json'], {
        env: { DATABASE_URL: world.instance.env.DATABASE_URL },
      }),
  );
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(out), { pruned: { sessions: 1, steps: 3 } });
  assert.deepEqual(await world.sql(`SELECT id FROM steps WHERE session_id = '${session}'`), []);
});

test('sharing that is switched off ends the link that was being made', async () => {
  const { ada, ids } = world;
  const session = await world.session();
  const share = async (isOn) => (await ada.put(`/api/workspaces/${ids.ws}/shares`, { enabled: isOn })).expect(200).body;
  const made = await race(`SELECT * FROM make_share('${ids.ada}', '${ids.ws}', '${session}', 'secret', 7, 100)`, () =>
    share(false),
  );
  assert.deepEqual(made, { enabled: false });
  await share(true);
  assert.deepEqual((await ada.get(`agent-sessions/${session}/shares`)).expect(200).body.shares, []);
});

test('two windows that mark a channel as read leave no mention that is gone', async () => {
  const { bob, ids } = world;
  await world.sql(
    `INSERT INTO stream_members (stream_id, member_id, role) VALUES ('${ids.open}', '${ids.bob}', 'member')`,
  );
  const seqs = [];
  for (let i = 0; i < 3; i++) {
    const id = await world.post(ids.open, ids.ada, 'look @bob');
    const [{ seq }] = await world.sql(`SELECT seq FROM messages WHERE id = '${id}'`);
    await world.sql(`INSERT INTO message_mentions (message_id, user_id, stream_id, seq)
      VALUES ('${id}', '${ids.bob}', '${ids.open}', ${seq})`);
    seqs.push(Number(seq));
  }
  const rooms = await openEvents(bob, ['user:me']);
  await race(
    `DELETE FROM message_mentions WHERE user_id = '${ids.bob}' AND stream_id = '${ids.open}' AND seq <= ${seqs[1]}`,
    async () => (await bob.post(`streams/${ids.open}/read`, { seq: seqs[2] })).expect(204),
  );
  assert.equal((await rooms.wait('stream:read')).data.mentionCount, 0);
  rooms.close();
});

test("of two admins who take each other's rights, one keeps them", async () => {
  const { ada, bob, ids } = world;
  for (const [what, path, body] of [
    ['role', `people/${ids.ada}`, { role: 'member' }],
    ['account', `people/${ids.ada}/deactivate`, {}],
  ]) {
    // A third one, so that neither is the last.
    await world.sql(`UPDATE workspace_members SET role = 'admin' WHERE workspace_id = '${ids.ws}' AND user_id = '${ids.bob}';
      INSERT INTO workspace_members (workspace_id, user_id, slug, role) VALUES ('${ids.ws}', '${ids.eve}', 'eve', 'admin')
        ON CONFLICT DO NOTHING`);
    const reply = await race(
      `SELECT * FROM change_person('${ids.ada}', '${ids.ws}', '${ids.bob}', NULL, 'member')`,
      () => (what === 'role' ? bob.patch(path, body) : bob.post(path, body)),
    );
    reply.expect(403);
    (await ada.get('people')).expect(200);
  }
});

test('a message is not posted if the run that would have answered it ends before', async () => {
  const { ada, bob, ids } = world;
  (await bob.post(`streams/${ids.open}/messages`, { content: '@ariadne where is it?' })).expect(201);
  const [{ id, stream_id: thread }] = await world.sql(
    `SELECT id, stream_id FROM agent_sessions WHERE parent_stream_id = '${ids.open}' AND status = 'pending'`,
  );
  const reply = await race(
    `SELECT FROM agent_sessions WHERE id = '${id}' FOR NO KEY UPDATE;
     SELECT FROM streams WHERE id = '${thread}' FOR NO KEY UPDATE;
     UPDATE agent_sessions SET status = 'cancelled', completed_at = now() WHERE id = '${id}'`,
    () => ada.post(`streams/${thread}/ag-ui`, { messages: [{ id: 'm', role: 'user', content: 'and now?' }] }),
  );
  assert.equal(reply.expect(409).code, 'nobody_called');
  assert.deepEqual(await world.sql(`SELECT id FROM messages WHERE stream_id = '${thread}'`), []);
});

test('a trace that has to be looked for waits for its session without holding another', async () => {
  const { ids, instance } = world;
  const token = `atk_${newId('tok').toLowerCase()}`;
  await world.sql(`INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
    VALUES ('${newId('tok')}', '${ids.ws}', '${ids.ariadne}', sha256('${token}'), '{ingest}')`);
  const [known, other, child] = ['e', 'a', 'f'].map((digit) => `00000000-0000-7000-8000-00000000000${digit}`);
  const send = (...runs) =>
    fetch(`${instance.url}/ingest/langsmith/runs/batch`, {
      method: 'POST',
      headers: { 'x-api-key': token, 'content-type': 'application/json' },
      body: JSON.stringify({ post: runs }),
    });
  const run = (id, more) => ({
    id,
    name: 'run',
    run_type: 'chain',
    start_time: new Date().toISOString(),
    inputs: { input: 'go' },
    ...more,
  });
  const sessionOf = (trace) => world.sql(`SELECT id, step_count FROM agent_sessions WHERE external_id = '${trace}'`);
  assert.equal((await send(run(known, { trace_id: known }))).status, 202);
  const [session] = await sessionOf(known);
  const holder = await Holder.open(instance, `SELECT FROM agent_sessions WHERE id = '${session.id}' FOR NO KEY UPDATE`);
  try {
    const answer = send(run(other, { trace_id: other }), run(child, { parent_run_id: known, run_type: 'tool' }));
    await holder.someoneWaits();
    assert.equal((await sessionOf(other)).length, 1);
    await holder.commit();
    assert.equal((await answer).status, 202);
  } finally {
    holder.close();
  }
  assert.equal(Number((await sessionOf(known))[0].step_count), 2);
});
