// SPDX-License-Identifier: Apache-2.0
// What an application writes by hand into OpenTelemetry spans: the GenAI semantic conventions.
import { ANSWER, MODEL, USAGE } from './agent.mjs';

const names = {
  agent: (name) => `invoke_agent ${name}`,
  model: (name) => `chat ${name}`,
  tool: (name) => `execute_tool ${name}`,
};
const message = (role, text) => JSON.stringify([{ role, parts: [{ type: 'text', content: text }] }]);
const asked = {
  agent: (name, input) => ({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': name,
    'gen_ai.input.messages': message('user', typeof input === 'string' ? input : input.question),
  }),
  model: (name, messages) => ({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'fake',
    'gen_ai.request.model': name,
    'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'You know mazes.' }]),
    'gen_ai.input.messages': message('user', messages.at(-1).content),
  }),
  tool: (name, args, call) => ({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'gen_ai.tool.call.id': call.id,
    'gen_ai.tool.call.arguments': JSON.stringify(args),
  }),
};
const said = {
  agent: () => ({ 'gen_ai.output.messages': message('assistant', ANSWER) }),
  model: ({ text, calls = [] }) => ({
    'gen_ai.response.model': MODEL,
    'gen_ai.usage.input_tokens': USAGE.input,
    'gen_ai.usage.output_tokens': USAGE.output,
    'gen_ai.output.messages': JSON.stringify([
      {
        role: 'assistant',
        parts: [
          ...(text ? [{ type: 'text', content: text }] : []),
          ...calls.map(({ id, name, args }) => ({ type: 'tool_call', id, name, arguments: args })),
        ],
      },
    ]),
  }),
  tool: (result) => ({ 'gen_ai.tool.call.result': result }),
};

// A `record` for runByHand() that makes spans of `tracer`.
export const spansOf = (tracer) => (kind, name, input, work, call) =>
  tracer.startActiveSpan(names[kind](name), { attributes: asked[kind](name, input, call) }, async (span) => {
    try {
      const result = await work();
      span.setAttributes(said[kind](result));
      return result;
    } catch (error) {
      span.recordException(error);
      span.setAttribute('error.type', error.name);
      span.setStatus({ code: 2, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
