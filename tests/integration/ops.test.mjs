// SPDX-License-Identifier: Apache-2.0
// What an operator asks: health and metrics.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { reportIfSlow, until } from '../lib/patience.mjs';
import { addPerson } from '../lib/people.mjs';
import { Client, agentOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, anyone;

before(async () => {
  instance = await start();
  anyone = new Client(instance.url);
});
after(() => instance?.stop());

const socketOf = (name) => join(instance.state, 'sock', name);

function getInternal(path) {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath: socketOf('internal.sock'), path }, (response) => {
        let text = '';
        response
          .on('data', (bytes) => (text += bytes))
          .on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      })
      .on('error', reject);
  });
}

test('health names every part', async () => {
  const reply = (await anyone.get('/healthz')).expect(200);
  assert.deepEqual(reply.body, {
    status: 'ok',
    checks: { database: 'ok', schema: 'ok', 'trace-api': 'ok', 'ingest-api': 'ok', 'pusher-1': 'ok' },
  });
  assert.equal((await getInternal('/healthz')).status, 200);
});

for (const [part, file] of [
  ['trace-api', 'trace-api.sock'],
  ['ingest-api', 'ingest-api.sock'],
  ['pusher-1', 'pusher-1.http'],
]) {
  test(`health says that ${part} is away`, async () => {
    renameSync(socketOf(file), socketOf(`${file}.away`));
    try {
      const reply = (await anyone.get('/healthz')).expect(503);
      assert.equal(reply.code, 'unhealthy');
      assert.equal(reply.body.failing, part);
      assert.ok(reply.headers.get('retry-after'));
    } finally {
      renameSync(socketOf(`${file}.away`), socketOf(file));
    }
    (await anyone.get('/healthz')).expect(200);
  });
}

test('health says that migrations of the release are missing', async () => {
  const [latest] = await instance.psql('SELECT * FROM schema_migrations ORDER BY number DESC LIMIT 1');
  await instance.psql(`DELETE FROM schema_migrations WHERE number = ${latest.number}`);
  try {
    const reply = (await anyone.get('/healthz')).expect(503);
    assert.equal(reply.code, 'schema_behind');
    assert.equal(reply.body.failing, 'schema');
    assert.equal((await getInternal('/healthz')).status, 503);
  } finally {
    await instance.psql(`INSERT INTO schema_migrations (number, name, checksum, applied_at)
      VALUES (${latest.number}, '${latest.name}', '${latest.checksum}', '${latest.applied_at}')`);
  }
  (await anyone.get('/healthz')).expect(200);
});

test('a hanging pusher does not hold up the answer', async () => {
  instance.kill('trace-pusher', 'SIGSTOP');
  try {
    const begin = performance.now();
    assert.equal((await anyone.get('/healthz')).expect(503).body.failing, 'pusher-1');
    reportIfSlow('the health of a pusher that hangs', performance.now() - begin, 3000);
  } finally {
    instance.kill('trace-pusher', 'SIGCONT');
  }
  await instance.waitHealthy();
});

test('a database that is away: 503 with Retry-After everywhere, then all is well again', async () => {
  const agent = agentOf(instance);
  let down;
  instance.kill('postgres', 'SIGKILL');
  await until(
    async () => {
      const reply = await agent.get(`streams/${instance.env.TRACE_STREAM}`);
      assert.ok([200, 503].includes(reply.status), `status ${reply.status}`);
      if (reply.status === 503) down = reply;
      return down && reply.status === 200;
    },
    'an outage and its end',
    30_000,
  );
  assert.equal(down.code, 'database_unavailable');
  assert.ok(down.headers.get('retry-after'));
  await instance.waitHealthy();
});

test('metrics of every program, on the internal socket only', async () => {
  const { status, headers, text } = await getInternal('/metrics');
  assert.equal(status, 200);
  assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  for (const name of [
    'workspace_api_requests_total',
    'trace_api_requests_total',
    'workspace_api_request_seconds_bucket',
  ])
    assert.ok(text.includes(`\n${name}{`), name);
  for (const part of ['trace-api', 'ingest-api', 'pusher-1'])
    assert.ok(text.includes(`\nagent_trace_up{part="${part}"} 1\n`), part);
  assert.match(text, /^workspace_api_requests_total\{method="GET",route="\/healthz",status="503"\} [1-9]/m);
  const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z_]+="[^"]*",?)+\})? [-+0-9.eEinfNa]+|# (HELP|TYPE) .*)$/;
  const types = new Set();
  for (const one of text.trimEnd().split('\n')) {
    assert.match(one, line);
    if (!one.startsWith('# TYPE ')) continue;
    assert.ok(!types.has(one.split(' ')[2]), `described twice: ${one}`);
    types.add(one.split(' ')[2]);
  }
  assert.ok((await anyone.get('/metrics')).status === 404, 'not for strangers');
});

test('with two pushers each has readers, all of them get everything, and both are in metrics and health', async () => {
  const two = await start({ env: { TRACE_PUSHERS: '2' } });
  try {
    const { checks } = (await new Client(two.url).get('/healthz')).expect(200).body;
    assert.deepEqual(checks, {
      database: 'ok',
      schema: 'ok',
      'trace-api': 'ok',
      'ingest-api': 'ok',
      'pusher-1': 'ok',
      'pusher-2': 'ok',
    });
    const people = await Promise.all(
      ['Ana', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gil', 'Hal'].map((name) => addPerson(two, name)),
    );
    const streams = await Promise.all(people.map((person) => openEvents(person, [`stream:${two.env.TRACE_STREAM}`])));
    const room = await openEvents(agentOf(two), [`persona:${two.env.TRACE_PERSONA}`]);
    for (const stream of [...streams, room]) await stream.wait('ready');
    (await people[0].post(`streams/${two.env.TRACE_STREAM}/messages`, { content: 'to all' })).expect(201);
    for (const stream of streams) await stream.wait('message:created');
    const { personas } = (await people[0].get(`/api/workspaces/${two.env.TRACE_WORKSPACE}`)).expect(200).body;
    assert.deepEqual(
      personas.map(({ connected }) => connected),
      [true],
    );
    for (const stream of [...streams, room]) stream.close();
  } finally {
    await two.stop();
  }
});
