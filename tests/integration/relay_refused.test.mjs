// SPDX-License-Identifier: Apache-2.0
// A relay that NATS does not let in, or that does not trust NATS: it says why, once, and goes on trying, until what is
// wrong has been put right at the other end. What happens on its machine does not wait for it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { Nats } from '../lib/nats.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

const ATTEMPTS = 3;
let nats, instance, agent;
const isUp = async () => (await metric(instance, 'trace_relay_nats_up').catch(() => undefined)) === 1;
before(async () => {
  nats = await Nats.open({ authority: 'one', password: 'another' });
  const env = {
    TRACE_NATS_URL: nats.url,
    TRACE_NATS_CA: nats.authority('one'),
    TRACE_BUS_KEY: randomBytes(24).toString('hex'),
    TRACE_WORKERS: '4',
    TRACE_PUSHER_CHECK: '3600', // so that only hints bring what is written
    TRACE_HEARTBEAT_TIMEOUT: '3600',
  };
  instance = await start({ env });
  agent = agentOf(instance);
});
after(async () => {
  await instance?.stop();
  await nats?.close();
});

const said = (pattern) =>
  instance
    .log('relay')
    .split('\n')
    .filter((line) => pattern.test(line)).length;
const attempts = (pattern) => nats.log().match(pattern)?.length ?? 0;

async function isToldHere() {
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const reader = await openEvents(agent, [`session:${session.id}`]);
  await reader.wait('ready');
  const path = `agent-sessions/${session.id}/steps`;
  const { step } = (await agent.post(path, { stepType: 'thinking', completed: true, content: 'x' })).expect(201).body;
  await reader.wait(({ data }) => data?.step?.id === step.id, 5000);
  reader.close();
}

// `pattern`: how the relay's log names the reason; `noticed`: what the server writes for each attempt.
async function isRefused(pattern, noticed) {
  await until(() => said(pattern) > 0, 'the relay to say why', 20_000);
  const before = attempts(noticed);
  await until(() => attempts(noticed) >= before + ATTEMPTS, 'the relay to go on trying', 30_000);
  assert.equal(await metric(instance, 'trace_relay_nats_up'), 0);
  const health = await fetch(`${instance.url}/healthz`);
  assert.equal(health.status, 200);
  assert.equal((await health.json()).checks.relay, 'degraded');
  await isToldHere();
  assert.equal(said(pattern), 1, 'said once');
}

async function restart(options) {
  await nats.kill();
  await nats.start(options);
}

test('a relay with a wrong password', async () => {
  await isRefused(/cannot be used, and is tried again: .*Authorization Violation/, /authentication error/g);
  await restart({ authority: 'one' });
  await until(isUp, 'the relay to be let in', 20_000);
});

test('a password that is changed while the relay is connected', async () => {
  await until(isUp, 'the relay to be connected');
  const before = said(/Authorization Violation/);
  await restart({ authority: 'one', password: 'changed' });
  await until(() => said(/Authorization Violation/) > before, 'the relay to say why', 20_000);
  await isToldHere();
  await restart({ authority: 'one' });
  await until(isUp, 'the relay to be let in', 20_000);
  assert.equal(said(/Authorization Violation/), before + 1);
});

test('a server with a certificate of another authority', async () => {
  await until(isUp, 'the relay to be connected');
  await restart({ authority: 'two' });
  await isRefused(/cannot be used, and is tried again: .*issuer certificate/, /TLS handshake error/g);
  await restart({ authority: 'one' });
  await until(isUp, 'the relay to trust the server', 20_000);
  await isToldHere();
});

test('a server without TLS', async () => {
  await until(isUp, 'the relay to be connected');
  await restart({});
  await until(
    () => said(/cannot be used, and is tried again: Secure Connection/) === 1,
    'the relay to say why',
    20_000,
  );
  await isToldHere();
  await restart({ authority: 'one' });
  await until(isUp, 'the relay to be let in', 20_000);
  assert.equal(said(/cannot be used, and is tried again: Secure Connection/), 1);
});
