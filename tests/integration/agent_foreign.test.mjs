// SPDX-License-Identifier: Apache-2.0
// trace-agent with an OpenAI-compatible server that is not ours: mock-llm, from npm, which ./check installs by the lock
// file in tests/foreign/.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import { Asker, Program, only, startAgent, types } from './agent_stage.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

// It streams content in pieces, reports errors inside a stream of status 200, and streams no tool calls.
const rules = `
streaming:
  chunkSize: 12
  chunkIntervalMs: 5
rules:
  - path: "/v1/chat/completions"
    match: "@"
    response:
      status: 200
      content: |
        {"id": "x", "object": "chat.completion", "model": "foreign", "choices": [{"index": 0, "finish_reason": "stop",
         "message": {"role": "assistant", "content": "It leaves on Tuesdays, says a server that is not ours."}}]}
  - path: "/v1/chat/completions"
    match: "contains(body.messages[-1].content, 'refuse')"
    response:
      status: 401
      content: '{"error": {"message": "Incorrect API key provided", "type": "invalid_request_error", "code": "invalid_api_key"}}'
`;

let instance, asker, foreign, agent;
before(async () => {
  foreign = await startForeign();
  instance = await start();
  asker = new Asker(await personOf(instance), instance);
  agent = await startAgent(instance, foreign);
});
after(async () => {
  await agent?.stop();
  await foreign?.kill();
  await instance?.stop();
});

async function startForeign() {
  const main = join(root, 'tests/foreign/node_modules/@dwmkerr/mock-llm/dist/main.js');
  const config = join(mkdtempSync(join(tmpdir(), 'agent-trace-foreign-')), 'rules.yaml');
  writeFileSync(config, rules);
  const port = await freePort();
  const server = new Program(process.execPath, [main, '--config', config], {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: `${port}`,
  });
  server.url = `http://127.0.0.1:${port}/v1`;
  await until(
    () =>
      fetch(`${server.url}/models`).then(
        () => true,
        () => false,
      ),
    'the foreign server',
    60_000,
  );
  return server;
}

test('the agent works with a foreign model server that streams', async () => {
  const trace = await asker.run('@ariadne when does the zeppelin leave?');
  assert.equal(trace.session.status, 'completed', JSON.stringify(trace.session.error));
  assert.deepEqual(types(trace), ['context_received', 'thinking', 'message_sent']);
  assert.equal(only(trace, 'message_sent')[0].content.text, 'It leaves on Tuesdays, says a server that is not ours.');
});

test('its refusal is reported in a clear sentence, and the call is not repeated', async () => {
  const trace = await asker.run('@ariadne please refuse this');
  assert.equal(trace.session.status, 'failed');
  assert.deepEqual(trace.session.error, {
    code: 'model_error',
    message: "The model's server does not accept the key: check TRACE_MODEL_KEY. It says: Incorrect API key provided",
  });
  assert.equal(only(trace, 'thinking').length, 1);
});
