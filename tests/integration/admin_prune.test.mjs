// SPDX-License-Identifier: Apache-2.0
// What readers find of a pruned session: the session itself, its card, and a room that says where it stands.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findPrefix, start } from '../lib/instance.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { run } from './admin.mjs';

let instance;
let ada;
let session;
before(async () => {
  instance = await start();
  const agent = agentOf(instance);
  ada = await personOf(instance);
  ({ session } = (await agent.post('agent-sessions', { streamId: instance.env.TRACE_STREAM })).expect(201).body);
  for (const text of ['one', 'two'])
    (
      await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking', completed: true, content: text })
    ).expect(201);
  ({ session } = (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200).body);
});
after(() => instance?.stop());

test('a pruned session keeps its counters and its place in the timeline', async () => {
  const timeline = () =>
    ada.get(`streams/${instance.env.TRACE_STREAM}/events`).then((reply) => reply.expect(200).body.events);
  const before = await timeline();
  const trace = (await ada.get(`agent-sessions/${session.id}`)).expect(200);
  const outline = (await ada.get(`agent-sessions/${session.id}/outline`)).expect(200);
  const program = join(await findPrefix(), 'bin', 'trace-admin');
  const { status, out } = await run(program, ['prune', '--older-than', '0s', '--json'], {
    env: { DATABASE_URL: instance.env.DATABASE_URL },
  });
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(out), { pruned: { sessions: 1, steps: 2 } });
  assert.deepEqual(await timeline(), before);
  const { session: kept, steps } = (await ada.get(`agent-sessions/${session.id}`)).expect(200).body;
  assert.match(kept.prunedAt, /^\d{4}-/);
  assert.deepEqual(kept, { ...session, lastSeq: session.lastSeq + 1, prunedAt: kept.prunedAt });
  assert.deepEqual(steps, []);
  // A browser that has kept the steps is given what is left.
  (await ada.get(`agent-sessions/${session.id}`, { 'if-none-match': trace.headers.get('etag') })).expect(200);
  const left = (
    await ada.get(`agent-sessions/${session.id}/outline`, { 'if-none-match': outline.headers.get('etag') })
  ).expect(200);
  assert.deepEqual(left.body.steps, []);
});

test('a reader that resumes its room from before is told to start anew, and that nothing more will come', async () => {
  const room = await openEvents(ada, [`session:${session.id}`], { lastEventId: '1' });
  assert.equal((await room.wait('reset')).data.room, `session:${session.id}`);
  await room.wait('end');
  assert.equal(await room.ended, 'end');
  assert.deepEqual(room.violations, []);
});
