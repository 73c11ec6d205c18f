// SPDX-License-Identifier: Apache-2.0
// The handler of clients/js for LangChain, with the published @langchain/core and @langchain/langgraph, running a small
// agent against an instance: what was recorded, its tree, and that tokens are seen while they are written.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AIMessage, AIMessageChunk, HumanMessage } from '@langchain/core/messages';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { ChatGenerationChunk } from '@langchain/core/outputs';
import { tool } from '@langchain/core/tools';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { TraceEmitter } from '../../clients/js/src/index.js';
import { AgentTraceHandler } from '../../clients/js/src/langchain.js';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, person, emitter;
before(async () => {
  instance = await start();
  person = await personOf(instance);
  const { TRACE_URL, TRACE_WORKSPACE, TRACE_TOKEN } = instance.env;
  emitter = new TraceEmitter({ url: TRACE_URL, workspace: TRACE_WORKSPACE, token: TRACE_TOKEN });
});
after(async () => {
  await emitter?.close();
  await instance?.stop();
});

const USAGE = { input_tokens: 10, output_tokens: 4, total_tokens: 14, input_token_details: { cache_read: 6 } };

// A model that says what it was given, one turn after the other, in pieces. `gate` holds back the last piece.
class ScriptedModel extends BaseChatModel {
  constructor({ turns, gate }) {
    super({});
    Object.assign(this, { turns, gate });
  }

  _llmType() {
    return 'scripted';
  }

  async *_streamResponseChunks(_messages, _options, runManager) {
    const { words = [], reasoning, calls } = this.turns.shift();
    const pieces = [
      ...(reasoning ? [{ content: '', additional_kwargs: { reasoning_content: reasoning } }] : []),
      ...words.map((content) => ({ content })),
    ];
    for (const [i, fields] of pieces.entries()) {
      if (i === pieces.length - 1) await this.gate;
      yield* this.#piece(fields, runManager);
    }
    const toolCalls = calls?.map((call, index) => ({ ...call, args: JSON.stringify(call.args), index }));
    yield* this.#piece({ content: '', tool_call_chunks: toolCalls, usage_metadata: USAGE }, runManager);
  }

  async *#piece(fields, runManager) {
    const text = fields.content;
    const chunk = new ChatGenerationChunk({ text, message: new AIMessageChunk(fields) });
    yield chunk;
    await runManager?.handleLLMNewToken(text, undefined, undefined, undefined, undefined, { chunk });
  }

  async _generate() {
    throw new Error('the handler asks for a stream');
  }
}

const search = tool(async ({ query }) => `found ${query}`, {
  name: 'search',
  description: 's',
  schema: schema('query'),
});
const broken = tool(
  async () => {
    throw new RangeError('no such page');
  },
  { name: 'visit', description: 'v', schema: schema('url') },
);
function schema(name) {
  return { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] };
}

function agentOf(model) {
  const tools = { search, visit: broken };
  const think = async ({ messages }, config) => ({ messages: [await model.invoke(messages, config)] });
  const act = async ({ messages }, config) => {
    const calls = messages
      .at(-1)
      .tool_calls.map((call) =>
        tools[call.name].invoke({ ...call, type: 'tool_call' }, config).catch((error) => new AIMessage(error.message)),
      );
    return { messages: await Promise.all(calls) };
  };
  return new StateGraph(MessagesAnnotation)
    .addNode('think', think)
    .addNode('tools', act)
    .addEdge(START, 'think')
    .addConditionalEdges('think', ({ messages }) => (messages.at(-1).tool_calls?.length ? 'tools' : END))
    .addEdge('tools', 'think')
    .compile();
}

async function traceOf(title) {
  assert.deepEqual(await emitter.flush(), { delivered: true, waiting: 0, lost: 0 });
  const [{ id }] = await instance.psql(`SELECT id FROM agent_sessions WHERE title = '${title}'`);
  return (await person.get(`agent-sessions/${id}`)).expect(200).body;
}

const treeOf = (steps) => {
  const name = ({ id }) => steps.find((step) => step.id === id);
  return steps.map((step) => {
    const parent = name({ id: step.parentStepId });
    return `${step.stepType} ${step.name} < ${parent ? parent.name : '-'} ${step.status}`;
  });
};

test('an agent of LangGraph: nodes, models and tools, one of which fails', async () => {
  const model = new ScriptedModel({
    turns: [
      {
        reasoning: 'I should look. ',
        words: ['Looking ', 'it up'],
        calls: [
          { id: 'c1', name: 'search', args: { query: 'looms' } },
          { id: 'c2', name: 'visit', args: { url: 'https://loom.example' } },
        ],
      },
      { words: ['It is ', 'woven.'] },
    ],
  });
  const handler = new AgentTraceHandler({ emitter });
  const result = await agentOf(model).invoke(
    { messages: [new HumanMessage('How is it made?')] },
    { callbacks: [handler] },
  );
  assert.equal(result.messages.at(-1).content, 'It is woven.');
  const { session, steps } = await traceOf('How is it made?');
  assert.equal(session.status, 'completed');
  assert.deepEqual(treeOf(steps), [
    'group think < - completed',
    'generation ScriptedModel < think completed',
    'group tools < - completed',
    'tool_call search < tools completed',
    'tool_call visit < tools failed',
    'group think < - completed',
    'generation ScriptedModel < think completed',
  ]);
  assert.match(steps[1].content, /^I should look\.[^]*Looking it up[^]*→ search\({"query":"looms"}\)/);
  assert.deepEqual(steps[3].content, { tool: 'search', args: { query: 'looms' }, result: 'found looms' });
  assert.equal(steps[4].error.message, 'no such page');
  assert.equal(steps[6].content, 'It is woven.');
  // Only the models have usage, so that nothing is counted twice.
  assert.equal(session.usage.inputTokens, 20);
  assert.equal(session.usage.outputTokens, 8);
});

test('tokens are seen before the model has said the last one', async () => {
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const model = new ScriptedModel({ turns: [{ words: ['Warp ', 'and ', 'weft.'] }], gate });
  const session = await emitter.forSession({ title: 'Live tokens' });
  const events = await openEvents(person, [`session:${session.id}`]);
  try {
    const running = model.invoke('Say it.', { callbacks: [new AgentTraceHandler({ session })] });
    await events.wait('agent_session:step:progress');
    open();
    await running;
    const seen = events.of('agent_session:step:progress')[0].data;
    assert.ok('Warp and '.startsWith(seen.content ?? seen.delta), JSON.stringify(seen));
    await session.notifyCompleted();
    const { steps } = await traceOf('Live tokens');
    assert.deepEqual(
      steps.map((step) => [step.stepType, step.content, step.status]),
      [['generation', 'Warp and weft.', 'completed']],
    );
  } finally {
    open();
    events.close();
  }
});

test('a run that throws fails its session, one that is stopped cancels it', async () => {
  const failing = (error) => ({
    think: agentOf({
      invoke: async () => {
        throw error;
      },
    }),
  });
  const aborted = Object.assign(new Error('stopped'), { name: 'AbortError' });
  for (const [title, error, status] of [
    ['It breaks', new TypeError('no loom'), 'failed'],
    ['It is stopped', aborted, 'cancelled'],
  ]) {
    const run = failing(error).think.invoke(
      { messages: [new HumanMessage(title)] },
      { callbacks: [new AgentTraceHandler({ emitter })] },
    );
    await assert.rejects(run, { message: error.message });
    const { session } = await traceOf(title);
    assert.equal(session.status, status);
    if (status === 'failed') assert.deepEqual(session.error, { code: 'TypeError', message: 'no loom' });
  }
});
