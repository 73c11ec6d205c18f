// SPDX-License-Identifier: Apache-2.0
// Where OTLP's clients keep texts, models, threads and people: attributes, events, the resource; and what stands in messages.
import { event, failed, otlp, otlpOf, span } from './build.mjs';

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const one = (name, values, more) => [otlp(span('1', null, name, values, more))];
const text = (value) => JSON.stringify(value);
const said = (role, ...parts) => ({ role, parts });
const IMAGE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg';

export const contentRows = [
  {
    name: 'messages, instructions and tools of the semantic conventions, as values and not as JSON in texts',
    requests: one('chat m', {
      ...chat,
      'gen_ai.input.messages': [said('user', { type: 'text', content: 'How?' })],
      'gen_ai.output.messages': [
        said(
          'assistant',
          { type: 'reasoning', content: 'Hm.' },
          { type: 'text', content: 'So.' },
          { type: 'tool_call', id: 'c', name: 'look', arguments: { q: 1 } },
        ),
      ],
      'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief.' }],
      'gen_ai.tool.definitions': [{ type: 'function', name: 'look' }],
      'gen_ai.conversation.id': 'conv-1',
    }),
    session: { title: 'How?', thread: 'conv-1', system: 'Be brief.', tools: [{ type: 'function', name: 'look' }] },
    of: {
      'chat m': {
        content: 'Hm.\n\nSo.\n\n→ look',
        model: 'm',
        input: [said('user', { type: 'text', content: 'How?' })],
      },
    },
  },
  {
    name: 'an image is no text: not in the answer, and not in the title',
    requests: one('chat m', {
      ...chat,
      'gen_ai.input.messages': text([
        said(
          'user',
          { type: 'blob', modality: 'image', mime_type: 'image/png', content: IMAGE },
          { type: 'text', content: 'What is it?' },
        ),
      ]),
      'gen_ai.output.messages': text([
        said(
          'assistant',
          { type: 'blob', modality: 'image', mime_type: 'image/png', content: IMAGE },
          { type: 'text', content: 'A dot.' },
          { type: 'uri', modality: 'image', uri: 'https://example.org/i.png' },
        ),
      ]),
    }),
    session: { title: 'What is it?' },
    of: { 'chat m': { content: 'A dot.' } },
  },
  ...Object.entries({
    OpenAI: [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } },
      { type: 'text', text: 'What is it?' },
    ],
    'OpenAI Responses': [
      { type: 'input_image', image_url: `data:image/png;base64,${IMAGE}` },
      { type: 'input_text', text: 'What is it?' },
    ],
    Anthropic: [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: IMAGE } },
      { type: 'text', text: 'What is it?' },
    ],
    'AI SDK': [
      { type: 'file', mediaType: 'image/png', data: IMAGE },
      { type: 'text', text: 'What is it?' },
    ],
    Genkit: [{ media: { url: `data:image/png;base64,${IMAGE}` } }, { text: 'What is it?' }],
    Bedrock: [{ image: { format: 'png', source: { bytes: IMAGE } } }, { text: 'What is it?' }],
  }).map(([who, content]) => ({
    name: `a question behind an image is the title (${who})`,
    requests: one('chat m', {
      'openinference.span.kind': 'LLM',
      'input.value': text({ messages: [{ role: 'user', content }] }),
    }),
    session: { title: 'What is it?' },
  })),
  {
    name: 'the flattened messages of OpenInference, with an image and offered tools',
    requests: one('ChatOpenAI', {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'm',
      'llm.input_messages.0.message.role': 'system',
      'llm.input_messages.0.message.content': 'Be brief.',
      'llm.input_messages.1.message.role': 'user',
      'llm.input_messages.1.message.contents.0.message_content.type': 'image',
      'llm.input_messages.1.message.contents.0.message_content.image.image.url': `data:image/png;base64,${IMAGE}`,
      'llm.input_messages.1.message.contents.1.message_content.type': 'text',
      'llm.input_messages.1.message.contents.1.message_content.text': 'What is it?',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
      'llm.output_messages.0.message.contents.0.message_content.text': 'Hm.',
      'llm.output_messages.0.message.contents.1.message_content.type': 'text',
      'llm.output_messages.0.message.contents.1.message_content.text': 'A dot.',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'look',
      'llm.tools.0.tool.json_schema': text({ type: 'function', function: { name: 'look' } }),
      'llm.token_count.prompt': 9,
      'llm.token_count.completion': 3,
      'llm.token_count.prompt_details.cache_read': 4,
      metadata: text({ thread_id: 't-1', user_id: 'u-1' }),
    }),
    session: {
      title: 'What is it?',
      system: 'Be brief.',
      tools: [{ type: 'function', function: { name: 'look' } }],
      tokens: [9, 3],
      details: [4, 0, 0],
      thread: 't-1',
      user: 'u-1',
    },
    of: { ChatOpenAI: { content: 'Hm.\n\nA dot.\n\n→ look' } },
  },
  {
    name: 'the flattened prompts and functions of OpenLLMetry',
    requests: one('openai.chat', {
      'llm.request.type': 'chat',
      'gen_ai.system': 'OpenAI',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'How?',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'So.',
      'gen_ai.completion.0.tool_calls.0.name': 'look',
      'llm.request.functions.0.name': 'look',
      'llm.request.functions.0.parameters': text({ type: 'object' }),
      'gen_ai.usage.prompt_tokens': 7,
      'gen_ai.usage.completion_tokens': 2,
      'traceloop.association.properties.thread_id': 't-2',
    }),
    session: {
      title: 'How?',
      tokens: [7, 2],
      tools: [{ name: 'look', parameters: { type: 'object' } }],
      thread: 't-2',
    },
    of: { 'openai.chat': { content: 'So.\n\n→ look' } },
  },
  {
    name: 'messages are events of the span, as before 1.37',
    requests: one('chat m', chat, {
      events: [
        event('gen_ai.system.message', { content: 'Be brief.' }),
        event('gen_ai.user.message', { content: 'How?' }),
        event('gen_ai.choice', { index: 0, message: text({ role: 'assistant', content: 'So.' }) }),
      ],
    }),
    session: { title: 'How?', system: 'Be brief.' },
    of: { 'chat m': { content: 'So.' } },
  },
  {
    name: 'events that hold their message in one attribute (Azure)',
    requests: one('chat m', chat, {
      events: [
        event('gen_ai.system.message', {
          'gen_ai.system': 'az.ai.inference',
          'gen_ai.event.content': text({ role: 'system', content: 'Be brief.' }),
        }),
        event('gen_ai.user.message', { 'gen_ai.event.content': text({ role: 'user', content: 'How?' }) }),
        event('gen_ai.choice', {
          'gen_ai.event.content': text({
            message: { content: 'So.', tool_calls: [{ function: { name: 'look' } }] },
            finish_reason: 'stop',
          }),
        }),
      ],
    }),
    session: { title: 'How?', system: 'Be brief.' },
    of: { 'chat m': { content: 'So.\n\n→ look' } },
  },
  {
    name: 'an event has the prompt and one the completion (Semantic Kernel, OpenLIT)',
    requests: one(
      'chat.completions m',
      { 'gen_ai.operation.name': 'chat.completions', 'gen_ai.request.model': 'm' },
      {
        events: [
          event('gen_ai.content.prompt', { 'gen_ai.prompt': text([{ role: 'user', content: 'How?' }]) }),
          event('gen_ai.content.completion', { 'gen_ai.completion': text([{ role: 'assistant', content: 'So.' }]) }),
        ],
      },
    ),
    session: { title: 'How?' },
    steps: ['generation ended chat.completions m'],
    of: { 'chat.completions m': { content: 'So.' } },
  },
  {
    name: 'ids of threads and users are numbers',
    requests: one('chat m', { ...chat, 'session.id': 42, 'user.id': 7 }),
    session: { thread: '42', user: '7' },
  },
  {
    name: 'what the resource says of environment, release, session and user',
    requests: [
      otlpOf([
        {
          resource: {
            'service.name': 'guide',
            'deployment.environment.name': 'staging',
            'session.id': 's-1',
            'user.id': 'u-1',
            'service.version': '1.2',
          },
          scopeValues: { a: 1 },
        },
        span('1', null, 'chat m', chat),
      ]),
    ],
    session: { project: 'guide', environment: 'staging', thread: 's-1', user: 'u-1', metadata: { release: '1.2' } },
  },
  {
    name: 'what a span says goes before what its resource says',
    requests: [
      otlpOf([
        { resource: { 'langfuse.environment': 'all', 'session.id': 'all' } },
        span('1', null, 'a', {
          'langfuse.observation.type': 'generation',
          'langfuse.environment': 'own',
          'session.id': 'own',
          'langfuse.release': '9',
          'langfuse.trace.tags': ['x', 'y'],
        }),
      ]),
    ],
    session: { environment: 'own', thread: 'own', tags: ['x', 'y'], metadata: { release: '9' } },
  },
  {
    name: 'documents that were found are sources, if they have an address',
    requests: one('retrieval kb', {
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.retrieval.query.text': 'exits',
      'gen_ai.retrieval.documents': text([
        { id: 'd1', content: 'The way.', score: 0.9, metadata: { source: 'https://example.org/d1', title: 'D1' } },
        { id: 'd2', content: 'Local.', metadata: { source: '/tmp/d2' } },
        { id: 'd3', content: 'Bad.', metadata: { source: 'javascript:alert(1)' } },
      ]),
    }),
    of: {
      'retrieval kb': {
        type: 'retrieval',
        sources: [
          { type: 'web', title: 'D1', url: 'https://example.org/d1', snippet: 'The way.' },
          { type: 'document', title: 'd2', snippet: 'Local.' },
          { type: 'document', title: 'd3', snippet: 'Bad.' },
        ],
      },
    },
  },
  {
    name: 'secrets are taken out wherever they stand',
    requests: one(
      'chat m',
      {
        ...chat,
        'gen_ai.output.messages': 'use sk-proj-abcdefghijklmnopqrst',
        'http.header': { authorization: 'Bearer abcdefghijklmnopqrstuvwx' },
        'process.owner': 'me',
      },
      { ...failed('key sk-ant-abcdefghijklmnopqrst refused') },
    ),
    of: {
      'chat m': {
        content: 'use [redacted]',
        error: 'error: key [redacted] refused',
        attributes: { ...chat, 'http.header': { authorization: '[redacted]' }, 'process.owner': null },
      },
    },
  },
];
