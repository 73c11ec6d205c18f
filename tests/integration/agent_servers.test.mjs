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
const behind = (bytes, first) => Buffer.from(bytes.toString().replace('\r\n\r\n', `\r\n\r\n${first}`));
const own = (request) => request.body.messages.find((message) => message.tool_calls);
const inTurn =
  (...answers) =>
  (_, n) =>
    answers[Math.min(n, answers.length) - 1];
// The tools are described in the prompt, and what is written is run.
const written = (refusal) => (request) => {
  if (request.body.tools) return refusal;
  assert.match(request.body.messages[0].content, /workspace_search/);
  return request.body.messages.length > 2 ? answer : sample('tool-text-hermes');
};

// What the server wants, and what it does that others do not, by what its chapter says of that: the replies, what comes of
// the question, and what is searched.
const servers = {
  Ollama: {
    path: '/v1/chat/completions',
    does: {
      'the model was not pulled': {
        reply: inTurn(reply(404, JSON.stringify({ error: { message: 'model "qwen3" not found, try pulling it first', type: 'not_found_error', param: null, code: null } }))), // prettier-ignore
        fails: /"qwen3" is not on its server: pull it/,
      },
      'it thinks, and sends calls whole': {
        reply: inTurn(stream([{ role: 'assistant', content: '', reasoning: 'Hm.' }, { content: '', ...call('pgbouncer', 0, 'call_8f1k2j3h') }], 'tool_calls'), answer), // prettier-ignore
        queries: ['pgbouncer'],
      },
      'the model takes no tools': {
        reply: written(error(400, 'registry.ollama.ai/library/qwen3:latest does not support tools', { type: 'api_error' })), // prettier-ignore
        queries: ['pgbouncer'],
      },
    },
  },
  'llama.cpp': {
    path: '/v1/chat/completions',
    does: {
      'it loads the model': {
        reply: inTurn(sample('err-503-loading'), stream([{ content: '<think>hm</think>So it is.' }])),
      },
      'it was started without --jinja': { reply: written(sample('err-llamacpp-no-tools')), queries: ['pgbouncer'] },
      'with --jinja it takes tools': {
        reply: inTurn(stream([{ role: 'assistant', content: null }, call('pgbouncer', 0, 'a9B8c7D6')], 'tool_calls'), answer), // prettier-ignore
        queries: ['pgbouncer'],
      },
    },
  },
  vLLM: {
    path: '/v1/chat/completions',
    does: {
      'it was started without a parser': { reply: written(sample('err-vllm-no-tools')), queries: ['pgbouncer'] },
      'with one it takes tools': {
        reply: inTurn(stream([call('pgbouncer', 0, 'chatcmpl-tool-9f8e7d6c5b4a39281706')], 'tool_calls'), answer),
        queries: ['pgbouncer'],
      },
      'without a reasoning parser': { reply: inTurn(stream([{ content: '<think>\nhm\n</think>\n\nSo it is.' }])) },
      'with a reasoning parser': { reply: inTurn(stream([{ reasoning_content: 'hm' }, { content: 'So it is.' }])) },
    },
  },
  OpenAI: {
    path: '/v1/chat/completions',
    authorization: 'Bearer sk-example',
    body: { reasoning_effort: 'low' },
    does: {
      'it takes the effort, and calls': {
        reply: inTurn(stream([call('pgbouncer', 0, 'call_1')], 'tool_calls'), answer),
        queries: ['pgbouncer'],
      },
      'the key is an example': {
        reply: inTurn(error(401, 'Incorrect API key provided: sk-example. You can find your API key at https://platform.openai.com/account/api-keys.', { type: 'invalid_request_error', code: 'invalid_api_key' })), // prettier-ignore
        fails: /does not accept the key: check TRACE_MODEL_KEY/,
      },
    },
  },
  Azure: {
    path: '/openai/deployments/example/chat/completions?api-version=2024-10-21',
    headers: { 'api-key': 'example' },
    does: {
      'it moderates the prompt': {
        reply: inTurn(error(400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", { code: 'content_filter', param: 'prompt' })), // prettier-ignore
        fails: /content rules/,
      },
      'it answers': {
        reply: inTurn(
          behind(
            answer,
            'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}\n\n',
          ),
        ),
      },
      'there is no such deployment': {
        reply: inTurn(error(404, 'The API deployment for this resource does not exist.', { code: 'DeploymentNotFound' })), // prettier-ignore
        fails: /does not know the model/,
      },
    },
  },
  OpenRouter: {
    path: '/api/v1/chat/completions',
    authorization: 'Bearer sk-or-example',
    headers: { 'HTTP-Referer': 'https://trace.example.org', 'X-Title': 'Agent Trace' },
    does: {
      'it sends comments': { reply: inTurn(behind(answer, ': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n')) },
      'its details go back to it': {
        reply: (request, n) => {
          const details = [{ type: 'reasoning.encrypted', data: 'ZW5j', id: 'rs_1', format: 'f', index: 0 }];
          if (n === 1) return stream([{ reasoning_details: details }, call('pgbouncer', 0, 'call_1')], 'tool_calls');
          assert.deepEqual(own(request).reasoning_details, details);
          return answer;
        },
        queries: ['pgbouncer'],
      },
    },
  },
  DeepSeek: {
    path: '/v1/chat/completions',
    authorization: 'Bearer sk-example',
    does: {
      'its thinking goes back to it': {
        reply: (request, n) => {
          if (n === 1) return behind(sample('deepseek-passback'), ': keep-alive\n\n');
          return own(request)?.reasoning_content === 'I should search.'
            ? answer
            : error(400, 'reasoning_content must be passed back');
        },
        queries: ['pgbouncer'],
      },
    },
  },
  Gemini: {
    path: '/v1beta/openai/chat/completions',
    authorization: 'Bearer example',
    does: {
      'several calls of index 0, one signed': {
        reply: (request, n) => {
          if (n > 1) {
            assert.deepEqual(own(request).tool_calls[0].extra_content, { google: { thought_signature: 'signed' } });
            return answer;
          }
          const signed = { extra_content: { google: { thought_signature: 'signed' } } };
          return stream([call('pgbouncer', 0, '', signed), call('migrations', 0, '')], 'stop');
        },
        queries: ['pgbouncer', 'migrations'],
      },
      'its key is an example': {
        reply: inTurn(reply(400, JSON.stringify([{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT', details: [] } }]))), // prettier-ignore
        fails: /does not accept the key: check TRACE_MODEL_KEY/,
      },
    },
  },
  LiteLLM: {
    path: '/v1/chat/completions',
    authorization: 'Bearer sk-example',
    does: {
      'what stands behind it is limited': {
        reply: inTurn(error(429, 'litellm.RateLimitError: Rate limit', { code: '429', type: 'throttling_error' }), answer), // prettier-ignore
      },
      'it knows no such model': {
        reply: inTurn(error(400, "/chat/completions: Invalid model name passed in model=team-model. Call `/v1/models` to view available models for your key.", { type: 'None', param: 'None', code: '400' })), // prettier-ignore
        fails: /does not know the model "team-model"/,
      },
    },
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
  for (const [what, { reply: replies, fails, queries = [] }] of Object.entries(server.does))
    test(`the lines for a server are right: ${name}: ${what}`, async () => {
      const lines = { ...chapters.get(name) };
      const replay = await startReplay(replies);
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
        if (fails) {
          assert.equal(trace.session.status, 'failed');
          assert.match(trace.session.error.message, fails);
          return;
        }
        assert.equal(trace.session.status, 'completed', JSON.stringify(trace.session.error));
        assert.equal(only(trace, 'message_sent')[0].content.text, 'So it is.');
        assert.deepEqual(only(trace, 'workspace_search').map((step) => step.content.query), queries); // prettier-ignore
      } finally {
        await agent.stop();
        replay.stop();
      }
    });
