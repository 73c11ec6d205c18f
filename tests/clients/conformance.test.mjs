// SPDX-License-Identifier: Apache-2.0
// The same scenarios for every library, against a real server behind a bad network, held against the tables. The outage
// of 90 seconds runs by name: TRACE_TEST_LONG=1.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, until } from '../lib/instance.mjs';
import { subscribers } from '../lib/metrics.mjs';
import { giveUpAfter, reportIfSlow } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import { checkTables } from '../fault/oracle.mjs';
import { Proxy } from '../integration/emitter_proxy.mjs';
import { drive, drivers } from './drive.mjs';

const MANY = 10_000;
const OUTAGE_MS = 90_000;
const textOf = (i, words) => Array.from({ length: words }, (_, k) => `${i}.${k} 🧵 `).join('');

// A server that gives sessions up after seconds, for what takes more than a minute otherwise.
const HASTY = { TRACE_HEARTBEAT_TIMEOUT: '6', TRACE_SWEEP_INTERVAL: '1' };
const STEP_MS = 1_000;

let instance, person, hasty;
before(async () => {
  [instance, hasty] = await Promise.all([start(), start({ env: HASTY })]);
  person = await personOf(instance);
});
after(() => Promise.all([instance?.stop(), hasty?.stop()]));

const envOf = (url, of = instance) => ({ ...of.env, TRACE_URL: url });

async function withProxy(seed, oneIn, work, of = instance) {
  const proxy = new Proxy(of.url, seed);
  proxy.oneIn = oneIn;
  try {
    return await work(proxy, envOf(await proxy.start(), of));
  } finally {
    proxy.stop();
  }
}

async function expectSession(id, driver, { steps = 0, words = 10, whole = 0 }, of) {
  const [session] = await of.psql(`SELECT status FROM agent_sessions WHERE id = '${id}'`);
  assert.equal(session?.status, 'completed', driver.transcript());
  const rows = await of.psql(`SELECT * FROM steps WHERE session_id = '${id}' ORDER BY step_number`);
  assert.equal(rows.length, 2 * steps + whole);
  assert.deepEqual(
    rows.map((row) => row.step_number),
    rows.map((_, i) => i + 1),
  );
  const named = driver.said('step').filter(([of]) => of === id);
  for (let i = 0; i < steps; i++) {
    const [thinking, nested] = rows.slice(2 * i, 2 * i + 2);
    assert.equal(thinking.id, named[i][1]);
    assert.equal(JSON.parse(thinking.content), textOf(i, words));
    assert.ok(thinking.end_seq > nested.end_seq && !thinking.failed);
    assert.equal(nested.parent_step_id, thinking.id);
    assert.equal(JSON.parse(nested.sources)[0].url, 'https://weaving.example/a%20b');
  }
  rows.slice(2 * steps).forEach((row, i) => assert.equal(JSON.parse(row.content), `whole ${i}`));
}

// Everything that the driver recorded is in the tables, once and in order, and nothing was lost on the way.
async function expectWhole(driver, scenario, of = instance) {
  assert.equal(await driver.status, 0, driver.transcript());
  assert.deepEqual(driver.json('flush'), { delivered: true, waiting: 0, lost: 0 }, driver.transcript());
  const { steps = 0, whole = 0, sessions = 1 } = scenario;
  const stats = driver.json('stats');
  assert.equal(stats.acknowledged, sessions * (2 + 3 * steps + whole), driver.transcript());
  assert.equal(driver.said('session').length, sessions);
  for (const [id] of driver.said('session')) await expectSession(id, driver, scenario, of);
  await checkTables(of);
  return stats;
}

for (const library of Object.keys(drivers)) {
  test(`${library}: a good network repeats nothing`, async () => {
    const scenario = { sessions: 3, steps: 3, config: { requestTimeoutMs: 30_000 } };
    const stats = await expectWhole(drive(library, envOf(instance.url), scenario), scenario);
    assert.equal(stats.repeated + stats.progressFailed, 0);
    assert.ok(stats.progressSent > 0);
  });

  for (const seed of [11, 12])
    test(`${library}: requests are dropped, delayed, doubled, cut or refused: seed ${seed}`, () =>
      withProxy(seed, 3, async (proxy, env) => {
        const scenario = { sessions: 3, steps: 5 };
        const driver = drive(library, env, scenario);
        await driver.status;
        await sleep(500); // what the network still holds
        const stats = await expectWhole(driver, scenario);
        assert.ok(stats.repeated > 0, JSON.stringify(proxy.counts));
      }));

  test(`${library}: every reply comes after its request was done twice`, () =>
    withProxy(21, 1, async (proxy, env) => {
      proxy.pick = () => 'double';
      const scenario = { sessions: 2, steps: 4 };
      await expectWhole(drive(library, env, scenario), scenario);
      assert.ok(proxy.counts.double > 20);
    }));

  test(`${library}: a slow server holds nobody up`, () =>
    withProxy(22, 1, async (proxy, env) => {
      proxy.pick = () => 'slow';
      proxy.slow = async (request, response, body) => {
        await sleep(400);
        await proxy.pass(request, response, body);
      };
      const scenario = { steps: 3, config: { ackTimeoutMs: 50 } };
      const driver = drive(library, env, scenario);
      await driver.status;
      assert.deepEqual(driver.said('start'), [['queued'], ['queued'], ['queued']]);
      await expectWhole(driver, scenario);
    }));

  test(`${library}: an outage of seconds does not stop the work, and loses nothing`, () =>
    withProxy(23, 0, async (proxy, env) => {
      const scenario = { sessions: 2, steps: 12, words: 20 };
      const driver = drive(library, env, scenario);
      await driver.next('step');
      proxy.isAway = true;
      while (driver.said('step').length < 24) await driver.next('step');
      assert.ok(driver.said('start').some(([result]) => result === 'queued'));
      // Back, but not well: batches too are dropped, cut and doubled.
      proxy.oneIn = 3;
      proxy.isAway = false;
      await driver.status;
      await sleep(500);
      assert.ok(proxy.batches >= 2, `${proxy.batches} batches`);
      await expectWhole(driver, scenario);
    }));

  test(`${library}: a program that is killed leaves what was acknowledged, and the words of its last second`, async () => {
    const driver = drive(library, envOf(instance.url), { steps: 2, words: 600 });
    const [sessionId, stepId] = await driver.next('step');
    const stored = async () => (await instance.psql(`SELECT content FROM steps WHERE id = '${stepId}'`))[0]?.content;
    await until(stored, 'a first checkpoint');
    driver.kill();
    await driver.status;
    assert.ok(textOf(0, 600).startsWith(JSON.parse(await stored())));
    const { session } = (await person.get(`agent-sessions/${sessionId}`)).expect(200).body;
    assert.equal(session.status, 'running');
  });

  test(`${library}: a person stops a session, and the program hears it within a second`, async () => {
    const driver = drive(library, envOf(instance.url), { until: 'ended' });
    const [sessionId] = await driver.next('session');
    await until(() => subscribers(instance, `session:${sessionId}`), 'the subscription');
    const at = performance.now();
    (await person.post(`agent-sessions/${sessionId}/cancel`, {})).expect(200);
    assert.deepEqual(await driver.next('ended'), [sessionId, 'cancelled']);
    const ms = performance.now() - at;
    reportIfSlow('the news of an ending', ms, 1000);
    // Without the subscription the next heartbeat would bring it, after 15 s.
    assert.ok(ms < giveUpAfter(1000), `${ms} ms`);
    assert.equal(await driver.status, 0);
  });

  // What was queued while the server was away, in a session that a person has ended meanwhile.
  const cancelled = (endedMinutesAgo) =>
    withProxy(24, 0, async (proxy, env) => {
      const driver = drive(library, env, { steps: 12 });
      const [sessionId] = await driver.next('step');
      proxy.isAway = true;
      (await person.post(`agent-sessions/${sessionId}/cancel`, {})).expect(200);
      await instance.psql(`UPDATE agent_sessions SET started_at = started_at - interval '1 hour',
        completed_at = completed_at - interval '${endedMinutesAgo} minutes' WHERE id = '${sessionId}'`);
      while (driver.said('step').length < 12) await driver.next('step');
      proxy.isAway = false;
      await driver.status;
      const [{ status, n }] =
        await instance.psql(`SELECT s.status, (SELECT count(*)::int FROM steps p WHERE p.session_id = s.id) AS n
        FROM agent_sessions s WHERE id = '${sessionId}'`);
      assert.equal(status, 'cancelled');
      await checkTables(instance, { sessions: [sessionId] });
      return { driver, stats: driver.json('stats'), flush: driver.json('flush'), kept: n };
    });

  test(`${library}: a session that was cancelled during an outage takes the steps that began before or hardly after`, async () => {
    const { driver, flush, stats, kept } = await cancelled(0);
    assert.equal(kept, 24, driver.transcript());
    assert.deepEqual([flush.delivered, flush.lost, stats.droppedEnded], [true, 0, 0], driver.transcript());
    assert.deepEqual(driver.said('ended')[0]?.[1] ?? 'cancelled', 'cancelled');
  });

  test(`${library}: what is recorded while the news of an end is on its way is kept`, () =>
    withProxy(25, 0, async (proxy, env) => {
      let asked, answer;
      const isAsked = new Promise((resolve) => (asked = resolve));
      const mayAnswer = new Promise((resolve) => (answer = resolve));
      const { pass } = proxy;
      proxy.pass = async (request, response, body) => {
        if (request.url.endsWith('/heartbeat')) {
          asked();
          await mayAnswer;
        }
        await pass.call(proxy, request, response, body);
      };
      // The news comes in the middle of a step, which has a second of words.
      const driver = drive(library, env, { steps: 3, words: 200, config: { requestTimeoutMs: 60_000 } });
      const [sessionId] = await driver.next('step');
      await until(() => subscribers(instance, `session:${sessionId}`), 'the subscription');
      (await person.post(`agent-sessions/${sessionId}/cancel`, {})).expect(200);
      await Promise.race([isAsked, driver.status]);
      while ((await driver.next('start'))[0] !== 'queued');
      const [, waiting] = await driver.next('step');
      answer();
      assert.equal(await driver.status, 0);
      const kept = await instance.psql(`SELECT id FROM steps WHERE session_id = '${sessionId}' AND id = '${waiting}'`);
      assert.equal(kept.length, 1, driver.transcript());
      assert.doesNotMatch(driver.transcript(), /writes are dropped/);
      await checkTables(instance, { sessions: [sessionId] });
    }));

  test(`${library}: a write that does not pass costs no sign of life`, () =>
    withProxy(26, 0, async (proxy, env) => {
      const { pass } = proxy;
      let [beats, cut] = [0, 0];
      proxy.pass = async (request, response, body) => {
        if (request.url.endsWith('/heartbeat') && cut > 0) beats++;
        const isStep = /\/(batch|steps|stp_\w+)$/.test(request.url);
        if (isStep && beats === 0) {
          cut++;
          request.socket.destroy();
        } else {
          await pass.call(proxy, request, response, body);
        }
      };
      const scenario = { steps: 3, words: 200, config: { requestTimeoutMs: 60_000, heartbeatMs: 200 } };
      const driver = drive(library, env, scenario);
      try {
        await until(() => beats > 0, 'a heartbeat between the attempts', 30_000);
        await expectWhole(driver, scenario);
      } finally {
        driver.kill();
      }
    }));

  test(`${library}: what a cancelled session could not take is counted, said and returned`, async () => {
    const { driver, flush, stats, kept } = await cancelled(10);
    assert.ok(stats.droppedEnded > 0 && kept < 24, driver.transcript());
    assert.equal(flush.lost, stats.droppedEnded + stats.refused, driver.transcript());
    assert.equal(flush.delivered, false);
    assert.match(driver.transcript(), /^log .*dropped/m);
  });

  test(`${library}: ten thousand steps`, async () => {
    const scenario = { whole: MANY, config: { ackTimeoutMs: 0, queueLength: 3 * MANY } };
    const stats = await expectWhole(drive(library, envOf(instance.url), scenario), scenario);
    assert.equal(stats.queued, 0);
  });

  // Until the server has given the session up; the steps take their time meanwhile, and keep it.
  async function expectOutage(proxy, env, { of, scenario, stepMs, isOver }) {
    const driver = drive(library, env, scenario);
    const [id] = await driver.next('step');
    proxy.isAway = true;
    await until(
      async () => (await of.psql(`SELECT error_code FROM agent_sessions WHERE id = '${id}'`))[0].error_code,
      'the server to give it up',
      120_000,
    );
    await isOver(driver);
    const [{ at }] = await of.psql('SELECT extract(epoch FROM clock_timestamp())::float8 AS at');
    proxy.isAway = false;
    await expectWhole(driver, scenario, of);
    assert.deepEqual(driver.said('ended'), []);
    const events = await of.psql(
      `SELECT type FROM session_events WHERE session_id = '${id}' AND step_id IS NULL ORDER BY seq`,
    );
    assert.deepEqual(
      events.map(({ type }) => type.slice('agent_session:'.length)),
      ['started', 'failed', 'updated', 'completed'],
    );
    const steps =
      await of.psql(`SELECT extract(epoch FROM completed_at)::float8 AS ended, extract(epoch FROM completed_at - started_at) * 1000 AS ms
      FROM steps WHERE session_id = '${id}' AND step_type = 'thinking'`);
    for (const { ended, ms } of steps)
      assert.ok(ended <= at && ms >= stepMs, `${ms} ms, ended ${at - ended} s before the network was back`);
  }

  const scenario = { steps: 8, words: 4, pauseMs: STEP_MS / 4, config: { heartbeatMs: 500 } };
  test(`${library}: cut off until the server gives the session up: it runs again, and nothing is dropped`, () =>
    withProxy(
      25,
      0,
      (proxy, env) => {
        const isOver = async (driver) => {
          while (driver.said('step').length < scenario.steps) await driver.next('step');
          await sleep(2 * STEP_MS); // the last step
        };
        return expectOutage(proxy, env, { of: hasty, scenario, stepMs: STEP_MS, isOver });
      },
      hasty,
    ));

  const long = !process.env.TRACE_TEST_LONG && 'takes minutes: TRACE_TEST_LONG=1 runs it';
  test(`${library}: cut off for 90 s: the session runs again, and a tool of 5 s shows 5 s`, { skip: long }, () =>
    withProxy(26, 0, (proxy, env) => {
      const began = performance.now();
      const steps = { steps: 12, words: 10, pauseMs: 500, config: { heartbeatMs: 5000 } };
      const isOver = () => sleep(OUTAGE_MS - (performance.now() - began));
      return expectOutage(proxy, env, { of: instance, scenario: steps, stepMs: 5_000, isOver });
    }),
  );
}
