// SPDX-License-Identifier: Apache-2.0
// The lines of docs/models.md for each server, as they stand there but for the host: the agent calls the address and sends
// the key that the server wants, and understands how it answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { reply, sample, says, startReplay, stream } from './agent_replay.mjs';
import { Asker, only, startAgent } from './agent_stage.mjs';

const text = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
const chapters = new Map(
  [...text.matchAll(/^## (.+)\n```sh\n([^`]+)```/gm)].map(([, name, lines]) => [
    name,
    Object.fromEntries(lines.split('\n').filter(Boolean).map((line) => /^(\w+)=(.*)$/.exec(line).slice(1))), // prettier-ignore
  ]),
);

const call = (query, index, id, rest = {}) => ({
  tool_calls: [
    {
      index,
      id,
      type: 'function',
      ...rest,
      function: { name: 'workspace_search', arguments: JSON.stringify({ query }) },
    },
  ],
});
const error = (status, message, more = {}) => reply(status, JSON.stringify({ error: { message, ...more } }));
const answer = says('So it is.');

// What each does that others do not: the replies in turn, or a function of the request, and what must be seen.
const servers = {
  Ollama: {
    path: '/v1/chat/completions',
    answers: [error(404, 'model "qwen3" not found, try pulling it first')],
    fails: /"qwen3" is not on its server: pull it/,
  },
  'llama.cpp': {
    path: '/v1/chat/completions',
    answers: [sample('err-503-loading'), stream([{ content: '<think>hm</think>So it is.' }])],
  },
  vLLM: {
    path: '/v1/chat/completions',
    reply: (request) => (request.body.tools ? sample('err-vllm-no-tools') : answer),
  },
  OpenAI: {
    path: '/v1/chat/completions',
    authorization: 'Bearer sk-example',
    body: { reasoning_effort: 'low' },
    answers: [stream([call('pgbouncer', 0, 'call_1')], 'tool_calls'), answer],
    queries: ['pgbouncer'],
  },
  Azure: {
    path: '/openai/deployments/example/chat/completions?api-version=2024-10-21',
    headers: { 'api-key': 'example' },
    answers: [error(400, 'The response was filtered by the content management policy.', { code: 'content_filter' })],
    fails: /content rules/,
  },
  OpenRouter: {
    path: '/api/v1/chat/completions',
    authorization: 'Bearer sk-or-example',
    headers: { 'HTTP-Referer': 'https://trace.example.org', 'X-Title': 'Agent Trace' },
    answers: [
      Buffer.from(
        answer.toString().replace('\r\n\r\n', '\r\n\r\n: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n'),
      ),
    ],
  },
  DeepSeek: {
    path: '/v1/chat/completions',
    authorization: 'Bearer sk-example',
    reply: (request, n) => {
      const own = request.body.messages.find((message) => message.tool_calls);
      if (n === 1) return sample('deepseek-passback');
      return own?.reasoning_content === 'I should search.'
        ? answer
        : error(400, 'reasoning_content must be passed back');
    },
    queries: ['pgbouncer'],
  },
  Gemini: {
    path: '/v1beta/openai/chat/completions',
    authorization: 'Bearer example',
    reply: (request, n) => {
      if (n > 1) {
        const calls = request.body.messages.find((message) => message.tool_calls).tool_calls;
        assert.deepEqual(calls[0].extra_content, { google: { thought_signature: 'signed' } });
        return answer;
      }
      const signed = { extra_content: { google: { thought_signature: 'signed' } } };
      return stream([call('pgbouncer', 0, '', signed), call('migrations', 0, '')], 'stop');
    },
    queries: ['pgbouncer', 'migrations'],
  },
  LiteLLM: {
    path: '/v1/chat/completions',
    authorization: 'Bearer sk-example',
    answers: [error(429, 'Rate limit', { code: '429', type: 'throttling_error' }), answer],
  },
};

let instance, asker;
before(async () => {
  instance = await start();
  asker = new Asker(await personOf(instance), instance);
  await asker.say(instance.env.TRACE_STREAM, 'We keep pgbouncer away from migrations.');
});
after(() => instance?.stop());

test('each server of the document is tried, and no other', () =>
  assert.deepEqual([...chapters.keys()], Object.keys(servers)));

for (const [name, server] of Object.entries(servers))
  test(`the lines for a server are right: ${name}`, async () => {
    const lines = { ...chapters.get(name) };
    const replay = await startReplay(
      server.reply ?? ((_, n) => server.answers[Math.min(n, server.answers.length) - 1]),
    );
    const url = new URL(lines.TRACE_MODEL_URL);
    lines.TRACE_MODEL_URL = lines.TRACE_MODEL_URL.replace(url.origin, `http://127.0.0.1:${replay.port}`);
    const agent = await startAgent(instance, replay, { env: lines });
    try {
      const trace = await asker.run('@ariadne what about pgbouncer?', 60_000);
      const [first] = replay.requests;
      assert.equal(first.path, server.path);
      assert.equal(first.headers.Authorization, server.authorization);
      assert.equal(first.body.model, lines.TRACE_MODEL);
      for (const [header, value] of Object.entries(server.headers ?? {})) assert.equal(first.headers[header], value);
      for (const [member, value] of Object.entries(server.body ?? {})) assert.deepEqual(first.body[member], value);
      if (server.fails) {
        assert.equal(trace.session.status, 'failed');
        assert.match(trace.session.error.message, server.fails);
        return;
      }
      assert.equal(trace.session.status, 'completed', JSON.stringify(trace.session.error));
      assert.equal(only(trace, 'message_sent')[0].content.text, 'So it is.');
      assert.deepEqual(only(trace, 'workspace_search').map((step) => step.content.query), server.queries ?? []); // prettier-ignore
    } finally {
      await agent.stop();
      replay.stop();
    }
  });
