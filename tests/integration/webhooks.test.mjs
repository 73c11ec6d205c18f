// SPDX-License-Identifier: Apache-2.0
// Webhooks, delivered to a real receiver: signed, again after an outage, a refusal, a slow answer or the death of the
// program that delivers, and only what the webhook's maker may read.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { freePort, until } from '../lib/instance.mjs';
import { run } from './admin.mjs';
import { World, newId } from './session_world.mjs';

let world, receiver;

// A receiver that keeps what it got. `answer` takes the request and its body, and ends the response.
class Receiver {
  got = [];
  answer = (response) => response.writeHead(204).end();

  async listen(port) {
    this.port = port ?? (await freePort());
    this.server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
      this.got.push({ path: request.url, id, at, signature, body, event: JSON.parse(body) });
      this.answer(response);
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  of(session) {
    return this.got.filter(({ event }) => event.data.session.id === session);
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

before(async () => {
  world = await World.make({ env: { TRACE_WEBHOOKS_PRIVATE: '1' } });
});
after(() => world?.instance.stop());
afterEach(async () => {
  await world.sql('DELETE FROM webhooks');
  await receiver?.close();
  receiver = undefined;
});

const EVENTS = ['session.completed', 'session.failed', 'session.decision_needed'];
async function hook(by = world.ada, events = EVENTS) {
  receiver ??= await new Receiver().listen();
  return (await by.post('webhooks', { url: receiver.url, events })).expect(201).body;
}

async function ended(how = 'complete', body = {}, more = {}) {
  const id = await world.session(more);
  (await world.agent.post(`agent-sessions/${id}/${how}`, body)).expect(200);
  return id;
}

const delivered = (session, n = 1) =>
  until(() => receiver.of(session).length >= n && receiver.of(session), `${n} deliveries`, 30_000);
const waiting = async () => (await world.sql('SELECT id, attempts FROM webhook_deliveries')).length;
const now = () => world.sql('UPDATE webhook_deliveries SET due_at = now()');

function isSigned({ id, at, signature, body }, secret) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  assert.equal(key.length, 32);
  assert.equal(signature, `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`);
  assert.ok(Math.abs(Date.now() / 1000 - Number(at)) < 60, at);
}

test('what ends and what asks is delivered, signed by the secret that was shown', async () => {
  const { webhook, secret } = await hook();
  const completed = await ended();
  const failed = await ended('fail', { error: { code: 'model_error', message: 'away' } });
  await ended('cancel');
  const asking = await world.session();
  const content = { question: 'Go in?' };
  (await world.agent.post(`agent-sessions/${asking}/steps`, { stepType: 'approval', content })).expect(201);
  for (const [session, type] of [
    [completed, 'session.completed'],
    [failed, 'session.failed'],
    [asking, 'session.decision_needed'],
  ]) {
    const [one] = await delivered(session);
    assert.equal(one.event.type, type);
    assert.match(one.id, /^msg_/);
    isSigned(one, secret);
  }
  assert.equal(receiver.of(failed)[0].event.data.session.error.code, 'model_error');
  assert.equal(receiver.of(asking)[0].event.data.session.approval.question, 'Go in?');
  await until(async () => (await waiting()) === 0, 'nothing to be left');
  assert.equal(receiver.got.length, 3);
  const { webhooks } = (await world.ada.get('webhooks')).expect(200).body;
  assert.deepEqual(
    webhooks.map(({ id, url, events, makerId, lastError }) => ({ id, url, events, makerId, lastError })),
    [{ id: webhook.id, url: receiver.url, events: EVENTS, makerId: world.ids.ada, lastError: undefined }],
  );
  assert.ok(webhooks[0].deliveredAt);
});

test('a question that was open as another step is told once, when it becomes one', async () => {
  await hook();
  const asking = await world.session();
  const path = `agent-sessions/${asking}/steps/${newId('stp')}`;
  (await world.agent.put(path, { stepType: 'span' })).expect(201);
  (await world.agent.put(path, { stepType: 'approval', content: { question: 'Go in?' } })).expect(200);
  (await world.agent.put(path, { content: { question: 'Go out?' } })).expect(200);
  const [one] = await delivered(asking);
  assert.equal(one.event.type, 'session.decision_needed');
  assert.equal(one.event.data.session.id, asking);
  await until(async () => (await waiting()) === 0, 'nothing to be left');
  assert.equal(receiver.of(asking).length, 1);
});

test('an outage and a refusal are followed by another attempt with the same id', async () => {
  const { secret } = await hook();
  const { port } = receiver;
  await receiver.close();
  const session = await ended();
  await until(async () => (await world.sql('SELECT last_error FROM webhooks'))[0].last_error, 'the attempt to fail');
  receiver = await new Receiver().listen(port);
  let refusals = 1;
  receiver.answer = (response) => response.writeHead(refusals-- > 0 ? 500 : 200).end('x'.repeat(100_000));
  await now();
  await delivered(session);
  await until(
    async () => /500/.test((await world.sql('SELECT last_error FROM webhooks'))[0].last_error),
    'the refusal',
  );
  await now();
  const [first, second] = await delivered(session, 2);
  assert.equal(second.id, first.id);
  assert.equal(second.body, first.body);
  isSigned(second, secret);
  await until(async () => (await waiting()) === 0, 'nothing to be left');
});

test('a redirect is not followed', async () => {
  await hook();
  receiver.answer = (response) => response.writeHead(302, { location: '/elsewhere' }).end();
  const session = await ended();
  await delivered(session);
  await until(
    async () => /302/.test((await world.sql('SELECT last_error FROM webhooks'))[0].last_error),
    'the failure',
  );
  assert.deepEqual(
    receiver.got.map(({ path }) => path),
    ['/hook'],
  );
});

test('a slow receiver keeps nobody waiting, and its delivery comes again', async () => {
  await hook();
  const slow = receiver;
  slow.answer = () => {};
  const session = await ended();
  await until(() => slow.of(session).length === 1, 'the slow one to be asked');
  const silent = await world.session();
  await world.sql(`UPDATE agent_sessions SET heartbeat_at = now() - interval '1 hour', started_at = now() - interval '1 hour',
    created_at = now() - interval '1 hour', silence_s = 1 WHERE id = '${silent}'`);
  await until(
    async () => (await world.sql(`SELECT status FROM agent_sessions WHERE id = '${silent}'`))[0].status === 'failed',
    'the sweeper to end a session meanwhile',
    9_000,
  );
  await until(
    async () => /[Tt]imeout/.test((await world.sql('SELECT last_error FROM webhooks'))[0].last_error ?? ''),
    'the attempt to be given up',
    20_000,
  );
});

test('a silent receiver with many deliveries keeps no other from its own', async () => {
  await hook(world.ada, ['session.failed']);
  const silent = receiver;
  silent.answer = () => {};
  receiver = await new Receiver().listen();
  try {
    await hook(world.ada, ['session.completed']);
    const failed = await ended('fail', { error: { code: 'x', message: 'y' } });
    await until(() => silent.got.length === 1, 'the silent one to be asked', 30_000);
    await world.sql(`INSERT INTO webhook_deliveries (id, webhook_id, type, session_id, due_at)
      SELECT concat('msg_more_', n), webhook_id, type, session_id, now() - interval '1 minute'
      FROM webhook_deliveries, generate_series(1, 40) n WHERE session_id = '${failed}'`);
    await delivered(await ended());
    assert.ok(silent.got.length <= 3, `${silent.got.length} of the silent one's came first`);
    // Those that were not tried wait a while, too.
    await until(
      async () => (await world.sql('SELECT id FROM webhook_deliveries WHERE due_at <= now()')).length === 0,
      'the silent one to be put off',
      60_000,
    );
    assert.ok((await world.sql('SELECT id FROM webhook_deliveries WHERE attempts = 0')).length > 30);
  } finally {
    await silent.close();
  }
});

test('a delivery whose sweeper died after sending comes again, under the same id', async () => {
  await hook();
  receiver.answer = () => world.instance.kill('sweeper');
  const session = await ended();
  await delivered(session);
  receiver.answer = (response) => response.writeHead(200).end();
  await world.instance.waitRestart('sweeper');
  assert.equal(await waiting(), 1);
  await now();
  const [first, second] = await delivered(session, 2);
  assert.equal(second.id, first.id);
  await until(async () => (await waiting()) === 0, 'nothing to be left');
});

test('a receiver that is gone is told nothing more', async () => {
  await hook();
  receiver.answer = (response) => response.writeHead(410).end();
  await delivered(await ended());
  await until(async () => (await world.ada.get('webhooks')).body.webhooks[0].stoppedAt, 'the webhook to be stopped');
  await ended();
  assert.equal(await waiting(), 0);
});

test('a webhook is told what its maker may read, and no more than they may now', async () => {
  await world.sql(`INSERT INTO stream_members (stream_id, member_id) VALUES ('${world.ids.secret}', '${world.ids.ariadne}')
    ON CONFLICT DO NOTHING`);
  await world.sql(`UPDATE workspace_members SET role = 'admin' WHERE user_id = '${world.ids.bob}'`);
  await hook(world.bob);
  const hidden = await ended('complete', {}, { streamId: world.ids.secret });
  const open = await ended('complete', {}, { streamId: world.ids.open });
  await delivered(open);
  await until(async () => (await waiting()) === 0, 'nothing to be left');
  assert.deepEqual(receiver.of(hidden), []);
  await world.sql(`UPDATE workspace_members SET role = 'member' WHERE user_id = '${world.ids.bob}'`);
});

test('a webhook of somebody who is deactivated is told nothing', async () => {
  await world.sql(`UPDATE workspace_members SET role = 'admin' WHERE user_id = '${world.ids.bob}'`);
  await hook(world.bob);
  const { webhook } = await hook(world.ada, ['session.failed']);
  await world.sql(`UPDATE users SET deactivated_at = now() WHERE id = '${world.ids.bob}'`);
  try {
    const completed = await ended();
    const failed = await ended('fail', { error: { code: 'x', message: 'y' } });
    await delivered(failed);
    await until(async () => (await waiting()) === 0, 'nothing to be left');
    assert.deepEqual(receiver.of(completed), []);
    assert.equal(receiver.of(failed).length, 1);
    const { webhooks } = (await world.ada.get('webhooks')).expect(200).body;
    assert.deepEqual(webhooks.map(({ id, deliveredAt }) => [id === webhook.id, deliveredAt !== undefined]).sort(), [
      [false, false],
      [true, true],
    ]);
  } finally {
    await world.sql(`UPDATE users SET deactivated_at = NULL WHERE id = '${world.ids.bob}'`);
    await world.sql(`UPDATE workspace_members SET role = 'member' WHERE user_id = '${world.ids.bob}'`);
  }
});

test('only admins make, see and remove webhooks', async () => {
  const { webhook } = await hook();
  const body = { url: 'https://example.com/', events: ['session.failed'] };
  for (const client of [world.bob]) {
    assert.equal((await client.post('webhooks', body)).expect(403).code, 'admin_only');
    assert.equal((await client.get('webhooks')).expect(403).code, 'admin_only');
    assert.equal((await client.request('DELETE', `webhooks/${webhook.id}`)).expect(403).code, 'admin_only');
  }
  (await world.agent.get('webhooks')).expect(401);
  (await world.eve.get('webhooks')).expect(404);
  for (const wrong of [
    { url: 'ftp://example.com/' },
    { url: 'http://' },
    { url: 'https://exa mple.com' },
    { url: 'https://example.com/\n' },
    { events: [] },
    { events: ['session.cancelled'] },
    { events: 'session.failed' },
  ])
    assert.equal(
      (await world.ada.post('webhooks', { ...body, ...wrong })).expect(400).body.field,
      Object.keys(wrong)[0],
    );
  const log = async () => (await world.ada.get('audit?limit=1')).expect(200).body.entries[0];
  assert.deepEqual([(await log()).action, (await log()).details], ['create-webhook', { events: EVENTS }]);
  assert.deepEqual((await log()).subject, { type: 'webhook', id: webhook.id, name: receiver.url });
  (await world.ada.request('DELETE', `webhooks/${webhook.id}`)).expect(204);
  assert.deepEqual((await log()).subject, { type: 'webhook', id: webhook.id });
  assert.equal((await log()).action, 'remove-webhook');
  (await world.ada.request('DELETE', `webhooks/${webhook.id}`)).expect(404);
  assert.deepEqual((await world.ada.get('webhooks')).expect(200).body, { webhooks: [] });
});

test('a private address is refused unless the operator allows it', async () => {
  const strict = await World.make();
  try {
    receiver = await new Receiver().listen();
    (await strict.ada.post('webhooks', { url: receiver.url, events: EVENTS })).expect(201);
    const id = await strict.session();
    (await strict.agent.post(`agent-sessions/${id}/complete`, {})).expect(200);
    const said = async () => (await strict.ada.get('webhooks')).expect(200).body.webhooks[0].lastError;
    assert.equal(await until(said, 'the attempt', 30_000), 'its address is not a public one');
    assert.deepEqual(receiver.got, []);
  } finally {
    await strict.instance.stop();
  }
});

test('an operator makes, lists and removes webhooks', async () => {
  const admin = (...args) =>
    run(`${world.instance.prefix}/bin/trace-admin`, args, { env: { DATABASE_URL: world.instance.env.DATABASE_URL } });
  const good = async (...args) => {
    const { status, out, err } = await admin(...args, '--json');
    assert.equal(status, 0, err);
    return JSON.parse(out);
  };
  receiver = await new Receiver().listen();
  const named = ['--workspace', world.ids.ws, '--user', world.ids.ada, '--url', receiver.url];
  const { webhook } = await good('create-webhook', ...named, '--event', 'session.failed');
  assert.match(webhook.secret, /^whsec_/);
  const session = await ended('fail', { error: { code: 'x', message: 'y' } });
  await ended();
  isSigned((await delivered(session))[0], webhook.secret);
  const { webhooks } = await good('list-webhooks', '--workspace', world.ids.ws);
  assert.deepEqual(
    webhooks.map(({ id, events, secret }) => ({ id, events, secret })),
    [{ id: webhook.id, events: 'session.failed', secret: undefined }],
  );
  for (const [args, said] of [
    [['--event', 'session.cancelled'], /no event "session.cancelled"/],
    [['--url', 'gopher://x'], /http or https/],
    [['--user', 'nobody@example.com'], /member of the workspace/],
  ]) {
    const { status, err } = await admin(
      'create-webhook',
      ...named.filter((_, i) => named[i - (i % 2)] !== args[0]),
      ...args,
    );
    assert.equal(status, 2);
    assert.match(err, said);
  }
  await good('remove-webhook', webhook.id);
  assert.equal((await admin('remove-webhook', webhook.id)).status, 2);
});
