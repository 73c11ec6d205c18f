// SPDX-License-Identifier: Apache-2.0
// What an operator sees and keeps: logs at their most verbose level and metrics contain neither secrets nor what people
// and agents wrote; no process shows a secret in its command line; and nothing that serves runs as root.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { giveUpAfter } from '../lib/patience.mjs';
import { addPersona, addToken } from '../lib/people.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { exchange } from './input_wire.mjs';

const serving = ['nginx', 'trace-api', 'workspace-api', 'trace-pusher', 'sweeper', 'postgres'];
const marks = Object.fromEntries(
  [
    'message',
    'step',
    'title',
    'name',
    'search',
    'password',
    'email',
    'query',
    'header',
    'path',
    'body',
    'error',
    'usage',
    'worker',
    'cursor',
    'progress',
  ].map((name) => [name, `zz${name}marker`]),
);
let instance, person, agent;

before(async () => {
  instance = await start({ env: { TRACE_LOG_LEVEL: 'debug', TRACE_ACCESS_LOG: '1' } });
  person = await personOf(instance);
  agent = agentOf(instance);
});
after(() => instance?.stop());

async function doEverything() {
  const { TRACE_WORKSPACE: ws } = instance.env;
  const stream = (await person.post('streams', { type: 'channel', name: marks.name })).expect(201).body.stream.id;
  (await person.post('streams', { type: 'channel', name: marks.name })).expect(201, 409);
  const body = { content: marks.message, clientMessageId: 'once' };
  (await person.post(`streams/${stream}/messages`, body)).expect(201);
  (await person.post(`streams/${stream}/messages`, body)).expect(200);
  const id = newId('ses');
  (await agent.post('agent-sessions', { id, streamId: stream, title: marks.title })).expect(201);
  // The same id in the same place again: the error must not quote what the database refused.
  (await agent.post('agent-sessions', { streamId: stream, title: marks.title })).expect(409);
  const other = await addToken(instance, (await addPersona(instance, 'Theseus')).id, ['read', 'sessions:write']);
  (await other.post('agent-sessions', { id, title: marks.title })).expect(409);
  const step = (await agent.post(`agent-sessions/${id}/steps`, { stepType: 'thinking', name: marks.name })).expect(201)
    .body.step.id;
  const events = await openEvents(person, [`session:${id}`], { lastEventId: marks.cursor });
  await events.wait('reset');
  (
    await agent.post(`agent-sessions/${id}/steps/${step}/progress`, { content: marks.progress, checkpoint: true })
  ).expect(202);
  (
    await agent.post(`agent-sessions/${id}/steps/${step}/complete`, {
      content: marks.step,
      usage: { model: marks.usage },
      error: { code: 'x', message: marks.error },
    })
  ).expect(200);
  (
    await agent.post(
      `agent-sessions/${id}/batch`,
      `{"op":"record","stepType":"thinking","content":"${marks.step}"}\n{"op":"${marks.body}"}`,
    )
  ).expect(400);
  (await agent.post(`agent-sessions/${id}/claim`, { workerId: marks.worker })).expect(200, 409);
  (await person.get(`search?q=${marks.search}&limit=no`)).expect(400);
  (await person.get(`search?q=${marks.search}`)).expect(200);
  (await person.get(`agent-sessions?q=${marks.search}`)).expect(200);
  (await agent.post('agent-sessions', `{"title":"${marks.body}`)).expect(400);
  (
    await person.get(`/api/${marks.path}?a=${marks.query}`, {
      'x-test': marks.header,
      referer: `http://x/${marks.header}`,
    })
  ).expect(404);
  const nobody = new Client(instance.url, { workspace: ws });
  (await nobody.post('/api/auth/login', { email: `${marks.email}@example.com`, password: marks.password })).expect(401);
  (await nobody.post('/api/auth/login', { email: instance.env.TRACE_EMAIL, password: marks.password })).expect(401);
  await exchange(
    instance.port,
    `GET /${marks.path}?${marks.query} HTTP/1.1\r\nHost: x\r\nHost: ${marks.header}\r\n\r\n`,
  );
  await exchange(instance.port, `GET /${marks.path} HTTP/1.1\r\nHost: x\r\nX: ${marks.header.repeat(2000)}\r\n\r\n`);
  // A database that goes away in the middle, and a program that does.
  await instance.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'trace_app'");
  (await person.get(`search?q=${marks.search}`)).expect(200, 503);
  (await agent.post(`agent-sessions/${id}/steps`, { stepType: 'thinking', content: marks.step })).expect(201, 503);
  instance.kill('trace-api');
  await agent.post(`agent-sessions/${id}/steps`, { stepType: 'thinking', content: marks.step });
  await instance.waitRestart('trace-api');
  await instance.waitHealthy();
  events.close();
}

// A cookie's name is no secret, its value is.
const secrets = () => [
  ...Object.values(marks),
  instance.env.TRACE_TOKEN,
  instance.env.TRACE_PASSWORD,
  person.cookie.split('=')[1],
];

function ask(path) {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath: join(instance.state, 'sock', 'internal.sock'), path }, (reply) => {
        let text = '';
        reply
          .setEncoding('utf8')
          .on('data', (more) => (text += more))
          .on('end', () => resolve({ status: reply.statusCode, text }));
      })
      .on('error', reject);
  });
}

test('logs and metrics contain no secrets and no content', async () => {
  await doEverything();
  const metrics = await ask('/metrics');
  assert.equal(metrics.status, 200);
  assert.match(metrics.text, /^trace_/m);
  const logs = readdirSync(join(instance.state, 'logs')).map((name) => [
    name,
    readFileSync(join(instance.state, 'logs', name), 'utf8'),
  ]);
  assert.ok(
    logs.some(([, text]) => text.length > 0),
    'something was logged',
  );
  for (const [name, text] of [...logs, ['metrics', metrics.text], ['healthz', (await ask('/healthz')).text]])
    for (const secret of secrets())
      assert.ok(!text.includes(secret), `${name}: ${text.split('\n').find((line) => line.includes(secret))}`);
});

test('secrets are stored as hashes only', async () => {
  const dump = execFileSync('pg_dump', ['--data-only', '--inserts', instance.env.DATABASE_URL], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.match(dump, new RegExp(marks.message));
  for (const secret of [
    instance.env.TRACE_TOKEN,
    instance.env.TRACE_PASSWORD,
    person.cookie.split('=')[1],
    marks.password,
  ])
    assert.ok(!dump.includes(secret));
  assert.match(dump, /\$argon2id\$/);
});

test('no process shows a secret, and none that serves runs as root', () => {
  for (const name of serving) {
    const pid = instance.pid(name);
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    for (const secret of secrets()) assert.ok(!words.includes(secret), name);
    assert.notEqual(statSync(`/proc/${pid}`).uid, 0, `${name} runs as root`);
  }
  for (const name of readdirSync(join(instance.state, 'sock'))) {
    const path = join(instance.state, 'sock', name);
    const { mode } = statSync(path, { throwIfNoEntry: false }) ?? { mode: 0 };
    // The folder it really lies in counts: nginx opens its own socket to everybody, in a folder that is nginx's alone.
    if ((mode & 0o170000) === 0o140000)
      assert.ok(
        (statSync(dirname(realpathSync(path))).mode & 0o007) === 0 || (mode & 0o002) === 0,
        `${name} is open to everybody`,
      );
  }
  assert.equal(statSync(join(instance.state, 'demo.env')).mode & 0o077, 0, 'demo.env holds a password');
});

test('the programs refuse to serve as root', { skip: process.getuid() !== 0 && 'needs root' }, async () => {
  const libexec = dirname(readlinkSync(`/proc/${instance.pid('trace-pusher')}/exe`));
  for (const path of ['trace-api.fcgi', 'workspace-api.fcgi', 'trace-pusher', '../bin/trace-agent']) {
    const outcome = await new Promise((resolve) =>
      execFile(join(libexec, path), [], { env: {}, timeout: giveUpAfter(5000) }, (error, out, err) =>
        resolve({ code: error?.code, err }),
      ),
    );
    assert.equal(outcome.code, 2, path);
    assert.match(outcome.err, /does not run as root/, path);
  }
});
