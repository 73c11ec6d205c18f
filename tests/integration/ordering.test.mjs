// SPDX-License-Identifier: Apache-2.0
// Many writers at once: the same id always has the same number, no number is missing or given twice, the ending that
// commits first stands, and every subscriber sees each number once and in order, however often its connection is lost.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEvents } from '../lib/sse.mjs';
import { World, newId, upTo } from './session_world.mjs';

let world, ids, agent;

before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
  http.globalAgent.maxSockets = 200;
});
after(() => world?.instance.stop());

const at = (session, rest) => `agent-sessions/${session}/${rest}`;
const random = (n) => Math.floor(Math.random() * n);

async function noHole(session) {
  const { last, taken } = await world.numbers(session);
  assert.deepEqual(taken, upTo(last));
  return last;
}

// The session's counters agree with its steps.
async function countersFit(session) {
  const [row] =
    await world.sql(`SELECT s.step_count, s.open_steps, s.message_count, s.source_count, count(p.id) AS steps,
      count(p.id) FILTER (WHERE p.end_seq IS NULL) AS open, max(p.step_number) AS highest, count(DISTINCT p.step_number) AS numbers,
      count(*) FILTER (WHERE p.step_type = 'message_sent' AND p.end_seq IS NOT NULL AND NOT p.failed) AS messages,
      (SELECT count(*) FROM session_sources WHERE session_id = s.id) AS sources
    FROM agent_sessions s LEFT JOIN steps p ON p.session_id = s.id WHERE s.id = '${session}' GROUP BY s.id`);
  assert.deepEqual(
    [row.step_count, row.open_steps, row.message_count, row.source_count],
    [row.steps, row.open, row.messages, row.sources],
  );
  if (row.steps) assert.deepEqual([row.highest, row.numbers], [row.steps, row.steps]);
}

test('50 writers on one session, every write four times at once', async () => {
  const session = await world.session({ streamId: ids.open });
  const four = (act) => Promise.all(upTo(4).map(act));
  const seen = new Map();
  const check = (replies, created) => {
    assert.equal(replies.filter((reply) => reply.status === created).length >= 1, true);
    for (const reply of replies) assert.ok([200, created].includes(reply.status), reply.text);
    const numbers = new Set(replies.map((reply) => reply.body.step.stepNumber));
    assert.equal(numbers.size, 1);
    return replies[0].body.step;
  };
  await Promise.all(
    upTo(50).map(async (n) => {
      for (let i = 0; i < 4; i++) {
        const id = newId('stp');
        const sources = [{ type: 'web', title: 'T', url: `https://example.org/${random(20)}` }];
        const isWhole = (n + i) % 3 === 0;
        const body = {
          id,
          stepType: n % 2 ? 'message_sent' : 'thinking',
          ...(isWhole && { completed: true, sources }),
        };
        const started = await four(() => agent.post(at(session, 'steps'), body));
        const step = check(started, 201);
        assert.equal(started.filter((reply) => reply.status === 201).length, 1, 'one of them wrote it');
        seen.set(id, step.stepNumber);
        if (!isWhole)
          check(await four(() => agent.post(at(session, `steps/${id}/complete`), { content: 'c', sources })), 200);
      }
    }),
  );
  assert.equal(seen.size, 200);
  const rows = await world.sql(`SELECT id, step_number FROM steps WHERE session_id = '${session}'`);
  for (const row of rows) assert.equal(row.step_number, seen.get(row.id));
  const starts = await world.sql(`SELECT started_at FROM steps WHERE session_id = '${session}' ORDER BY step_number`);
  const times = starts.map((row) => row.started_at);
  assert.deepEqual(times, [...times].sort(), 'none starts before the one before it');
  await noHole(session);
  await countersFit(session);
  (await agent.post(at(session, 'cancel'))).expect(200);
});

test('the same new session four times at once is one, and two in one stream are one', async () => {
  for (let i = 0; i < 10; i++) {
    const id = newId('ses');
    const replies = await Promise.all(upTo(4).map(() => agent.post('agent-sessions', { id, streamId: ids.open })));
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 200, 200, 201]);
    (await agent.post(at(id, 'complete'), {})).expect(200);
    const rivals = await Promise.all(upTo(4).map(() => agent.post('agent-sessions', { streamId: ids.open })));
    assert.deepEqual(rivals.map((reply) => reply.status).sort(), [201, 409, 409, 409]);
    const winner = rivals.find((reply) => reply.status === 201).body.session.id;
    for (const reply of rivals) if (reply.status === 409) assert.equal(reply.body.sessionId, winner);
    (await agent.post(at(winner, 'complete'), {})).expect(200);
  }
  const numbers = await world.sql(`SELECT seq FROM stream_events WHERE stream_id = '${ids.open}' ORDER BY seq`);
  assert.deepEqual(
    numbers.map((row) => row.seq),
    upTo(await world.last(ids.open)),
  );
});

test('endings race with each other, with steps and with messages', async () => {
  const endings = [
    ['complete', { seenSeq: 0 }],
    ['fail', { error: { code: 'x', message: 'y' } }],
    ['cancel', undefined],
  ];
  await Promise.all(
    upTo(20).map(async () => {
      const session = await world.session();
      const step = newId('stp');
      const acts = [
        ...endings.map(
          ([verb, body]) =>
            () =>
              agent.post(at(session, verb), body),
        ),
        ...upTo(6).map(
          (n) => () => agent.post(at(session, 'steps'), { id: n % 2 ? step : undefined, stepType: 'thinking' }),
        ),
        () => agent.post(at(session, `steps/${step}/complete`), {}),
        () =>
          agent.post(
            at(session, 'batch'),
            upTo(5)
              .map(() => '{"op":"record","stepType":"message_sent"}')
              .join('\n'),
          ),
      ];
      const replies = await Promise.all(acts.sort(() => Math.random() - 0.5).map((act) => act()));
      for (const reply of replies)
        assert.ok([200, 201, 404, 409].includes(reply.status), `${reply.status} ${reply.text}`);
      const { session: now } = (await agent.get(`agent-sessions/${session}`)).expect(200).body;
      assert.equal(endings.filter(([verb]) => verb.startsWith(now.status.slice(0, 4))).length, 1);
      await noHole(session);
      await countersFit(session);
    }),
  );
});

test('a message posted while a session ends is answered once, whichever comes first', async () => {
  await world.post(ids.thread, ids.ariadne, 'I have answered here before.');
  const orders = new Set();
  // On a busy machine one of them may be behind for long: the head starts grow.
  for (let i = 0; i < 25 || (orders.size < 2 && i < 200); i++) {
    const session = await world.session({ streamId: ids.thread });
    const seenSeq = await world.last(ids.thread);
    const [posted, ended] = await Promise.all([
      sleep(random(6 + i)).then(() => world.bob.post(`streams/${ids.thread}/messages`, { content: `race ${i}` })),
      sleep(random(6 + i)).then(() => agent.post(at(session, 'complete'), { seenSeq })),
    ]);
    ended.expect(200);
    const { message } = posted.expect(201).body;
    const made = await world.sql(`SELECT id FROM agent_sessions WHERE trigger_message_id = '${message.id}'`);
    assert.equal(made.length, 1, `message ${message.seq}`);
    const [{ seq }] = await world.sql(
      `SELECT seq FROM stream_events WHERE session_id = '${session}' AND type = 'agent_session:completed'`,
    );
    orders.add(message.seq < seq);
    (await agent.post(at(made[0].id, 'cancel'))).expect(200);
  }
  assert.equal(orders.size, 2, 'both orders were tried');
  const numbers = await world.sql(`SELECT seq FROM stream_events WHERE stream_id = '${ids.thread}' ORDER BY seq`);
  assert.deepEqual(
    numbers.map((row) => row.seq),
    upTo(await world.last(ids.thread)),
  );
});

test('a session ends while many write in its stream', async () => {
  for (let i = 0; i < 8; i++) {
    const session = await world.session({ streamId: ids.thread });
    const seenSeq = await world.last(ids.thread);
    const post = () => world.bob.post(`streams/${ids.thread}/messages`, { content: `many ${i}` });
    const [ended, ...posted] = await Promise.all([
      agent.post(at(session, 'complete'), { seenSeq }),
      ...upTo(12).map(post),
    ]);
    ended.expect(200);
    for (const reply of posted) reply.expect(201);
    const open = await world.sql(
      `SELECT id FROM agent_sessions WHERE stream_id = '${ids.thread}' AND status IN ('pending', 'running')`,
    );
    assert.equal(open.length, 1);
    (await agent.post(at(open[0].id, 'cancel'))).expect(200);
  }
});

// Reads a room to its end, losing the connection at random.
async function follow(client, session) {
  const stream = await openEvents(client, [`session:${session}`], { reconnect: true, lastEventId: '0' });
  const cutter = (async () => {
    while (!stream.of('end').length) {
      await sleep(20 + random(250));
      if (!stream.of('end').length) stream.cut();
    }
  })();
  await stream.wait('end', 60_000);
  await cutter;
  stream.close();
  return stream;
}

test('20 sessions and 20 subscribers that come and go: every number once, in order, as in the database', async () => {
  const sessions = await Promise.all(upTo(20).map(() => world.session()));
  const following = sessions.map((session) => follow(world.bob, session));
  await Promise.all(
    sessions.map(async (session) => {
      await Promise.all(
        upTo(5).map(async () => {
          for (let i = 0; i < 8; i++) {
            const { step } = (
              await agent.post(at(session, 'steps'), { stepType: 'thinking', content: 'x'.repeat(random(3000)) })
            ).expect(201).body;
            const progress = agent.post(at(session, `steps/${step.id}/progress`), { content: 'some text' });
            (await agent.post(at(session, `steps/${step.id}/complete`), { content: `done ${i}` })).expect(200);
            (await progress).expect(202);
          }
        }),
      );
      (await agent.post(at(session, 'complete'), {})).expect(200);
    }),
  );
  const streams = await Promise.all(following);
  for (const [i, stream] of streams.entries()) {
    const events = stream.of().filter((event) => event.data.seq);
    assert.deepEqual(
      events.map((event) => event.data.seq),
      upTo(await noHole(sessions[i])),
    );
    assert.deepEqual(stream.violations, []);
    const replay = await openEvents(world.bob, [`session:${sessions[i]}`], { lastEventId: '0' });
    await replay.wait('end');
    assert.deepEqual(
      replay
        .of()
        .filter((event) => event.data.seq)
        .map((event) => event.raw),
      events.map((event) => event.raw),
    );
    replay.close();
  }
});
