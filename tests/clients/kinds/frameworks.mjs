// SPDX-License-Identifier: Apache-2.0
// Frameworks that say things in words, or in places, of their own.
import { event, otlp, otlpOf, span } from './build.mjs';

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const one = (name, values, more) => [otlp(span('1', null, name, values, more))];
const text = (value) => JSON.stringify(value);
const said = (role, ...parts) => ({ role, parts });

export const frameworkRows = [
  {
    name: 'an event has the attributes of the newest conventions (Strands)',
    requests: [
      otlp(
        span(
          '1',
          null,
          'invoke_agent a',
          {
            'gen_ai.operation.name': 'invoke_agent',
            'gen_ai.request.model': 'm',
            'gen_ai.usage.input_tokens': 5,
            'gen_ai.usage.output_tokens': 2,
          },
          {
            events: [
              event('gen_ai.client.inference.operation.details', {
                'gen_ai.input.messages': text([said('user', { type: 'text', content: 'How?' })]),
              }),
            ],
          },
        ),
        span('2', '1', 'execute_event_loop_cycle', { 'event_loop.cycle_id': 'c' }),
        span(
          '3',
          '2',
          'chat',
          { ...chat, 'gen_ai.usage.input_tokens': 5, 'gen_ai.usage.output_tokens': 2 },
          {
            events: [
              event('gen_ai.client.inference.operation.details', {
                'gen_ai.input.messages': text([said('user', { type: 'text', content: 'How?' })]),
                'gen_ai.system_instructions': text([{ type: 'text', content: 'Be brief.' }]),
              }),
              event('gen_ai.client.inference.operation.details', {
                'gen_ai.output.messages': text([said('assistant', { type: 'text', content: 'So.' })]),
              }),
            ],
          },
        ),
      ),
    ],
    session: { status: 'completed', title: 'How?', tokens: [5, 2], system: 'Be brief.' },
    steps: ['agent ended invoke_agent a', '  span ended execute_event_loop_cycle', '    generation ended chat'],
    of: { chat: { content: 'So.' } },
  },
  {
    name: "Bedrock's parts have a key and no type (Strands)",
    requests: one('chat', chat, {
      events: [
        event('gen_ai.user.message', { content: text([{ text: 'How?' }]) }),
        event('gen_ai.choice', {
          finish_reason: 'tool_use',
          message: text([
            { reasoningContent: { reasoningText: { text: 'Hm.' } } },
            { text: 'So.' },
            { toolUse: { toolUseId: 'u', name: 'look', input: {} } },
          ]),
        }),
      ],
    }),
    session: { title: 'How?' },
    of: { chat: { content: 'Hm.\n\nSo.\n\n→ look' } },
  },
  {
    name: 'Google ADK: the request and the response of a call in attributes of its own',
    requests: [
      otlp(
        span('1', null, 'invocation', {}),
        span('2', '1', 'invoke_agent guide', {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.conversation.id': 's-1',
        }),
        span('3', '2', 'call_llm', {
          'gen_ai.system': 'gcp.vertex.agent',
          'gen_ai.request.model': 'gemini',
          'gcp.vertex.agent.llm_request': text({
            model: 'gemini',
            config: { system_instruction: 'Be brief.' },
            contents: [{ role: 'user', parts: [{ text: 'How?' }] }],
          }),
          'gcp.vertex.agent.llm_response': text({
            content: {
              role: 'model',
              parts: [{ text: 'Hm.', thought: true }, { text: 'So.' }, { function_call: { name: 'look', args: {} } }],
            },
          }),
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.usage.output_tokens': 2,
        }),
        span('4', '3', 'execute_tool look', {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'look',
          'gcp.vertex.agent.llm_request': '{}',
          'gcp.vertex.agent.llm_response': '{}',
          'gcp.vertex.agent.tool_call_args': text({ q: 1 }),
          'gcp.vertex.agent.tool_response': text({ result: 'found' }),
        }),
      ),
    ],
    session: { thread: 's-1', tokens: [5, 2], system: 'Be brief.' },
    of: {
      call_llm: { type: 'generation', content: 'Hm.\n\nSo.\n\n→ look' },
      'execute_tool look': { content: { tool: 'look', args: { q: 1 }, result: { result: 'found' } } },
    },
  },
  {
    name: 'Pydantic AI: an agent run, its tools together, and one tool',
    requests: [
      otlpOf([
        { scope: 'pydantic-ai', scopeVersion: '1.0' },
        span('1', null, 'agent run', {
          model_name: 'm',
          agent_name: 'guide',
          'gen_ai.agent.name': 'guide',
          'pydantic_ai.all_messages': text([said('user', { type: 'text', content: 'How?' })]),
          final_result: 'So.',
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.usage.output_tokens': 2,
        }),
        span('2', '1', 'chat m', {
          ...chat,
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.usage.output_tokens': 2,
          'gen_ai.input.messages': text([said('user', { type: 'text', content: 'How?' })]),
        }),
        span('3', '1', 'running 1 tool', { tools: ['look'] }),
        span('4', '3', 'running tool', {
          'gen_ai.tool.name': 'look',
          tool_arguments: text({ q: 1 }),
          tool_response: 'found',
        }),
      ]),
    ],
    session: { status: 'completed', title: 'How?', tokens: [5, 2] },
    steps: [
      'agent ended agent run',
      '  generation ended chat m',
      '  span ended running 1 tool',
      '    tool_call ended running tool',
    ],
    of: {
      'agent run': { content: { input: 'How?', output: 'So.' } },
      'running tool': { content: { tool: 'look', args: { q: 1 }, result: 'found' } },
    },
  },
  {
    name: "Logfire's own call of a model",
    requests: one('Chat Completion', {
      'logfire.msg': "Chat Completion with 'm'",
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'm',
      request_data: text({
        model: 'm',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'How?' },
        ],
      }),
      response_data: text({
        message: { role: 'assistant', content: 'So.' },
        usage: { prompt_tokens: 5, completion_tokens: 2 },
      }),
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 2,
    }),
    session: { title: 'How?', system: 'Be brief.', tokens: [5, 2] },
    of: { "Chat Completion with 'm'": { type: 'generation', content: 'So.' } },
  },
  {
    name: 'MLflow says kinds, inputs and outputs in words of its own',
    requests: [
      otlp(
        span('1', null, 'predict', {
          'mlflow.spanType': '"AGENT"',
          'mlflow.spanInputs': text({ question: 'How?' }),
          'mlflow.spanOutputs': '"So."',
        }),
        span('2', '1', 'Completions', {
          'mlflow.spanType': '"CHAT_MODEL"',
          'mlflow.spanInputs': text({ messages: [{ role: 'user', content: 'How?' }] }),
          'mlflow.spanOutputs': text({ choices: [{ message: { content: 'So.' } }] }),
          'mlflow.chat.tokenUsage': text({ input_tokens: 5, output_tokens: 2, total_tokens: 7 }),
        }),
      ),
    ],
    session: { status: 'completed', title: 'How?', tokens: [5, 2] },
    steps: ['agent ended predict', '  generation ended Completions'],
    of: { Completions: { content: 'So.' } },
  },
  {
    name: 'the AI SDK without an id of the operation',
    requests: [
      otlp(
        span('1', null, 'ai.generateText', {
          'operation.name': 'ai.generateText guide',
          'ai.prompt': text({ prompt: 'How?' }),
        }),
        span('2', '1', 'ai.generateText.doGenerate', {
          'operation.name': 'ai.generateText.doGenerate guide',
          'ai.response.text': 'So.',
        }),
      ),
    ],
    session: { status: 'completed', title: 'How?' },
    steps: ['agent ended ai.generateText', '  generation ended ai.generateText.doGenerate'],
  },
];
