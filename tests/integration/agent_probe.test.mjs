// SPDX-License-Identifier: Apache-2.0
// What an agent finds at its model's server is said of its persona before a question fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { startAgent, startServer } from './agent_stage.mjs';

let instance, person;
before(async () => {
  instance = await start();
  person = await personOf(instance);
});
after(() => instance?.stop());

const statusOf = async () =>
  (await person.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).expect(200).body.personas[0].modelStatus;
const models = (...ids) => JSON.stringify({ object: 'list', data: ids.map((id) => ({ id })) });

for (const [name, status, answer, model = 'qwen3'] of [
  ['the model is there', 'reachable', (response) => response.end(models('other', 'library/qwen3'))],
  ['the model has a tag', 'reachable', (response) => response.end(models('qwen3:latest'))],
  ['it lists no models', 'reachable', (response) => response.writeHead(404).end()],
  ['it lists other models', 'unknown', (response) => response.end(models('llama', 'qwen3:32b-other'))],
  ['it does not take the key', 'refused', (response) => response.writeHead(401).end('{}')],
  ['Gemini puts a folder before it', 'reachable', (response) => response.end(models('models/gemini-2.5-flash')), 'gemini-2.5-flash'], // prettier-ignore
  ['OpenRouter takes a word behind it', 'reachable', (response) => response.end(models('deepseek/deepseek-chat')), 'deepseek/deepseek-chat:online'], // prettier-ignore
  ['LiteLLM lists whole folders', 'reachable', (response) => response.end(models('openai/*')), 'openai/gpt-5-mini'],
  ['LiteLLM lists another folder', 'unknown', (response) => response.end(models('openai/*')), 'xai/gpt-5-mini'],
  ['Anthropic lists a date', 'reachable', (response) => response.end(models('claude-m-20250929')), 'claude-m'],
  ['another size is no date', 'unknown', (response) => response.end(models('qwen3-32')), 'qwen3'],
  ['Mistral lists other names', 'reachable', (response) => response.end('{"data":[{"id":"m-2411","aliases":["m-latest"]}]}'), 'm-latest'], // prettier-ignore
  ['OpenAI’s key is not for lists', 'reachable', (response) => response.writeHead(403).end('{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read."}}')], // prettier-ignore
  ['it answers nonsense', 'reachable', (response) => response.end('<html>')],
])
  test(`the persona's model is ${status}: ${name}`, async () => {
    await instance.psql('UPDATE personas SET model_status = NULL');
    const server = await startServer((request, response) => answer(response));
    const agent = await startAgent(instance, { url: `${server.url}/v1` }, { env: { TRACE_MODEL: model } });
    try {
      await until(async () => (await statusOf()) !== undefined, 'a status');
      assert.equal(await statusOf(), status);
    } finally {
      await agent.stop();
      server.stop();
    }
  });

test('a server that cannot be reached is said to be, and the headers of the setting go with the question', async () => {
  await instance.psql('UPDATE personas SET model_status = NULL');
  let seen;
  const server = await startServer((request, response) => {
    seen = request.headers;
    response.end(models('qwen3'));
  });
  const nowhere = await startAgent(instance, { url: 'http://127.0.0.1:9/v1' });
  try {
    await until(async () => (await statusOf()) === 'unreachable', 'unreachable');
  } finally {
    await nowhere.stop();
  }
  const env = { TRACE_MODEL_HEADERS: 'api-key: example' };
  const agent = await startAgent(instance, { url: `${server.url}/v1` }, { env });
  try {
    await until(async () => (await statusOf()) === 'reachable', 'reachable again');
    assert.equal(seen['api-key'], 'example');
  } finally {
    await agent.stop();
    server.stop();
  }
});

test('a status that is none is refused, and people cannot say it', async () => {
  const agent = agentOf(instance);
  for (const status of ['splendid', '', 7, null])
    assert.equal((await agent.put('model-status', { status })).status, 400, `${status}`);
  assert.equal((await agent.put('model-status', { status: 'unknown' })).status, 204);
  assert.equal((await person.put('model-status', { status: 'reachable' })).status, 401);
  assert.equal(await statusOf(), 'unknown');
});
