// SPDX-License-Identifier: Apache-2.0
// Options of the agent that name files: the persona's instructions, the model's key, and whom its server is trusted by.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import { Asker, only, startAgent, startScriptedModel } from './agent_stage.mjs';

const KEY = 'sk-a-key-that-nobody-sees';

let instance, person, asker, model, folder;
before(async () => {
  instance = await start();
  person = await personOf(instance);
  asker = new Asker(person, instance);
  model = await startScriptedModel(() => ({ content: 'As you wish.' }));
  // The agent is another user.
  folder = mkdtempSync(join(tmpdir(), 'agent-options-'));
  chmodSync(folder, 0o755);
});
after(async () => {
  model?.stop();
  await instance?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const statusOf = async () =>
  (await person.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).expect(200).body.personas[0].modelStatus;

test('the instructions of the file are part of the prompt, and the key of the file is sent and shown nowhere', async () => {
  file('key', `${KEY}\n`);
  const env = {
    TRACE_INSTRUCTIONS: file('instructions', 'Speak as the mistress of a labyrinth: größer, 迷宮.\n'),
    TRACE_MODEL_KEY_FILE: 'key', // a bare name: one of systemd's credentials
    CREDENTIALS_DIRECTORY: folder,
  };
  const agent = await startAgent(instance, model, { env });
  try {
    const trace = await asker.run('@ariadne who are you?');
    assert.equal(only(trace, 'message_sent')[0].content.text, 'As you wish.');
    const [{ messages }] = model.requests;
    assert.equal(messages[0].role, 'system');
    assert.match(messages[0].content, /Speak as the mistress of a labyrinth: größer, 迷宮\./);
    assert.equal(model.headers[0].authorization, `Bearer ${KEY}`);
    assert.ok(!JSON.stringify(trace).includes(KEY));
  } finally {
    await agent.stop();
  }
  assert.ok(!agent.output.includes(KEY));
});

test('a file that cannot be read, or is no text, is refused at the start, and named', async () => {
  for (const [key, path] of [
    ['TRACE_MODEL_KEY_FILE', join(folder, 'nowhere')],
    ['TRACE_INSTRUCTIONS', join(folder, 'nowhere')],
    ['TRACE_INSTRUCTIONS', file('latin', Buffer.from([0x67, 0x72, 0xf6, 0xdf, 0x65]))],
  ]) {
    const agent = await startAgent(instance, model, { env: { [key]: path }, awaits: key });
    const { code } = await agent.ended;
    assert.equal(code, 2, agent.output);
    assert.match(agent.output, /cannot be read/);
  }
});

test("a model server's certificate is taken by the file that is named, and by nothing else", async () => {
  const [key, cert] = [join(folder, 'server.key'), join(folder, 'server.pem')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const names = ['-subj', '/CN=model', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...newKey, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) =>
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'demo' }] })),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${server.address().port}/v1`;
  try {
    for (const [env, status] of [
      [{}, 'unreachable'],
      [{ TRACE_MODEL_CA: cert }, 'reachable'],
    ]) {
      await instance.psql('UPDATE personas SET model_status = NULL');
      const agent = await startAgent(instance, { url }, { env: { TRACE_MODEL: 'demo', ...env } });
      await until(async () => (await statusOf()) !== undefined, 'a status').finally(() => agent.stop());
      assert.equal(await statusOf(), status, agent.output);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
