// SPDX-License-Identifier: Apache-2.0
// Runs as LangSmith's clients send them, and as its documents show them for the REST API.
import { gzipSync } from 'node:zlib';
import { BOUNDARY, batch, iso, ms, multipart, part, patchRun, postRun, run, uuid } from './build.mjs';

const root = (more) => run([1], 'agent', 'chain', { inputs: { input: 'How?' }, ...more });
const llm = (line, more) => run(line, 'ChatOpenAI', 'llm', { inputs: { messages: [] }, ...more });
const used = (input, output) => ({ outputs: { usage_metadata: { input_tokens: input, output_tokens: output } } });
const done = { end_time: ms(900) };
const op = (verb, body) => part(`${verb}.${body.id}`, body);
const tree = ['agent ended agent', '  generation ended ChatOpenAI'];

export const langsmithRows = [
  {
    name: 'the patch of each run before its post, children first',
    requests: [
      multipart([op('patch', llm([1, 2], { ...done, ...used(5, 2) }))]),
      multipart([op('patch', root({ ...done, outputs: { output: 'So.' } }))]),
      multipart([op('post', root())]),
      multipart([op('post', llm([1, 2]))]),
    ],
    session: { status: 'completed', title: 'How?', tokens: [5, 2] },
    steps: tree,
  },
  {
    name: 'post and patch of a run in one request, in either order',
    requests: [
      multipart([
        op('patch', llm([1, 2], { ...done, ...used(5, 2) })),
        op('post', root()),
        op('post', llm([1, 2])),
        op('patch', root(done)),
      ]),
    ],
    session: { status: 'completed', tokens: [5, 2] },
    steps: tree,
  },
  {
    name: 'neither trace nor order: the example of the REST API',
    requests: [
      postRun({ id: uuid(1), name: 'agent', run_type: 'chain', inputs: { input: 'How?' }, start_time: iso() }),
      postRun({ id: uuid(2), name: 'step', run_type: 'chain', inputs: {}, start_time: iso(1), parent_run_id: uuid(1) }),
      postRun({
        id: uuid(3),
        name: 'ChatOpenAI',
        run_type: 'llm',
        inputs: {},
        start_time: iso(2),
        parent_run_id: uuid(2),
      }),
      patchRun(3, { outputs: { usage_metadata: { input_tokens: 5, output_tokens: 2 } }, end_time: iso(3) }),
      patchRun(2, { outputs: {}, end_time: iso(4) }),
      patchRun(1, { outputs: { output: 'So.' }, end_time: iso(5) }),
    ],
    session: { status: 'completed', title: 'How?', tokens: [5, 2] },
    steps: ['agent ended agent', '  group ended step', '    generation ended ChatOpenAI'],
  },
  {
    name: 'the same in one batch',
    requests: [
      batch({
        post: [
          { id: uuid(1), name: 'agent', run_type: 'chain', inputs: { input: 'How?' }, start_time: iso() },
          { id: uuid(2), name: 'ChatOpenAI', run_type: 'llm', inputs: {}, start_time: iso(2), parent_run_id: uuid(1) },
        ],
        patch: [
          { id: uuid(2), end_time: iso(3) },
          { id: uuid(1), end_time: iso(4) },
        ],
      }),
    ],
    session: { status: 'completed' },
    steps: tree,
  },
  {
    name: 'a patch that names only its chain of ancestors',
    requests: [
      postRun(root()),
      postRun(llm([1, 2])),
      patchRun(2, { dotted_order: llm([1, 2]).dotted_order, end_time: iso(3) }),
      patchRun(1, { dotted_order: root().dotted_order, end_time: iso(4) }),
    ],
    session: { status: 'completed' },
    steps: tree,
  },
  {
    name: 'fields before their run, and apart from it',
    requests: [
      multipart([
        part(`post.${uuid(2)}.inputs`, { messages: [{ role: 'user', content: 'Where?' }] }),
        op('post', root({ inputs: undefined })),
        part(`post.${uuid(2)}`, llm([1, 2], { inputs: undefined, ...done })),
        part(`post.${uuid(1)}.inputs`, { input: 'How?' }),
        part(`post.${uuid(2)}.outputs`, { generations: [[{ text: 'So.' }]] }),
        part(`post.${uuid(1)}.outputs`, { output: 'So.' }),
      ]),
      multipart([op('patch', root({ ...done, inputs: undefined }))]),
    ],
    session: { status: 'completed', title: 'How?' },
    steps: tree,
    of: { ChatOpenAI: { content: 'So.', input: { messages: [{ role: 'user', content: 'Where?' }] } } },
  },
  ...Object.entries({
    quoted: { boundary: "a'b(c)+_,-./:=?d", type: `multipart/form-data; charset=utf-8; boundary="a'b(c)+_,-./:=?d"` },
    'in capital letters': { type: `Multipart/Form-Data; Boundary=${BOUNDARY}` },
    'with blanks behind it': { padding: ' \t' },
    'with a text before the first and behind the last': {
      before: 'This is a message in parts.\r\n',
      after: 'And its end.',
    },
    'with an empty line before the first': { before: '\r\n' },
    'of seventy characters': { boundary: 'x'.repeat(70) },
  }).map(([name, options]) => ({
    name: `a boundary ${name}`,
    requests: [multipart([op('post', root(done)), op('post', llm([1, 2], done))], options)],
    session: { status: 'completed' },
    steps: tree,
  })),
  {
    name: 'what only begins as the boundary does is content',
    requests: [
      multipart([
        op('post', root({ ...done, inputs: undefined })),
        part(`post.${uuid(1)}.inputs`, `{"input":\r\n"How?"\r\n}`),
        part(`attachment.${uuid(1)}.a`, `x\r\n--${BOUNDARY}4\r\ny`),
        op('post', llm([1, 2], done)),
      ]),
    ],
    session: { status: 'completed', title: 'How?' },
    steps: tree,
  },
  {
    name: 'headers of parts in any case, order and quoting',
    requests: [
      multipart([
        `content-type: application/json; length=1\r\nX-More: 1\r\nCONTENT-DISPOSITION: Form-Data; filename="x.json"; name=post.${uuid(1)}\r\n\r\n${JSON.stringify(root(done))}`,
        `Content-Disposition: form-data; name="post.${uuid(2)}"; filename="a; name=b"\r\n\r\n${JSON.stringify(llm([1, 2], done))}`,
      ]),
    ],
    session: { status: 'completed' },
    steps: tree,
  },
  {
    name: 'a part that cannot be read costs only itself',
    requests: [
      {
        ...multipart([
          op('post', root(done)),
          part(`post.${uuid(2)}`, '{"id":'),
          part(`post.${uuid(2)}.inputs`, '{}'),
          part(`post.${uuid(3)}`, '[]'),
          part(`what.${uuid(3)}`, '{}'),
          part(`feedback.${uuid(3)}`, '{}'),
          part(`attachment.${uuid(3)}.photo`, 'GIF89a\0\xff'),
          op('post', llm([1, 4], done)),
        ]),
        answers: /"refused":[23]/,
      },
    ],
    session: { status: 'completed' },
    steps: tree,
  },
  {
    name: 'a body that ends early keeps what came before',
    requests: [
      (() => {
        const whole = multipart([op('post', root(done)), op('post', llm([1, 2], done))]);
        return { ...whole, body: whole.body.slice(0, -150), answers: /"refused":1/ };
      })(),
    ],
    session: { status: 'completed' },
    steps: ['agent ended agent'],
  },
  {
    name: 'gzip, and a file that belongs to a run',
    requests: [
      {
        ...multipart([op('post', root(done)), part(`attachment.${uuid(1)}.photo`, 'GIF89a')]),
        encode: ['gzip', gzipSync],
      },
    ],
    session: { status: 'completed' },
    of: {
      agent: {
        attributes: { attachments: [{ name: `attachment.${uuid(1)}.photo`, type: 'application/json', bytes: 6 }] },
      },
    },
  },
  {
    name: 'a body without a boundary is none, and one of another type neither',
    requests: [
      { ...multipart([op('post', root())], { type: 'multipart/form-data' }), status: 400 },
      { ...multipart([op('post', root())], { type: 'application/json' }), status: 400 },
    ],
    session: null,
  },
  {
    name: 'plumbing has no step, and its children move up, each in a request of its own',
    requests: [
      multipart([op('post', root())]),
      multipart([op('post', run([1, 2], 'RunnableLambda', 'chain'))]),
      multipart([op('post', run([1, 2, 3], 'ChannelWrite<x>', 'chain', { tags: ['langsmith:hidden'] }))]),
      multipart([op('post', llm([1, 2, 3, 4], done))]),
      multipart([op('patch', run([1, 2, 3], 'ChannelWrite<x>', 'chain', { ...done, tags: ['langsmith:hidden'] }))]),
      multipart([op('patch', run([1, 2], 'RunnableLambda', 'chain', done))]),
      multipart([op('patch', root(done))]),
    ],
    session: { status: 'completed' },
    steps: tree,
  },
  {
    name: 'a call within a call of a model counts once',
    requests: [
      multipart([
        op('post', root()),
        op('post', llm([1, 2])),
        op('post', run([1, 2, 3], 'openai', 'llm', { ...done, ...used(5, 2) })),
      ]),
      multipart([op('patch', llm([1, 2], { ...done, ...used(5, 2) })), op('patch', root(done))]),
    ],
    session: { status: 'completed', tokens: [5, 2] },
  },
  ...Object.entries({
    'LangChain for Python': {
      llm_output: { token_usage: { prompt_tokens: 5, completion_tokens: 2 } },
      generations: [[{ text: 'So.' }]],
    },
    'LangChain for JavaScript': {
      llmOutput: { tokenUsage: { promptTokens: 5, completionTokens: 2 } },
      generations: [[{ text: 'So.' }]],
    },
    'a message': {
      generations: [
        [{ message: { kwargs: { content: 'So.', usage_metadata: { input_tokens: 5, output_tokens: 2 } } } }],
      ],
    },
    OpenAI: { choices: [{ message: { content: 'So.' } }], usage: { prompt_tokens: 5, completion_tokens: 2 } },
    'OpenAI Responses': {
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'So.' }] }],
      usage: { input_tokens: 5, output_tokens: 2 },
    },
    Anthropic: {
      message: { content: [{ type: 'text', text: 'So.' }], usage_metadata: { input_tokens: 5, output_tokens: 2 } },
    },
  }).map(([who, outputs]) => ({
    name: `usage and answer as they are in outputs of ${who}`,
    requests: [postRun(llm([1], { ...done, outputs }))],
    session: { status: 'completed', tokens: [5, 2] },
    of: { ChatOpenAI: { content: 'So.' } },
  })),
  {
    name: 'the user and the thread are numbers, the end is null, then a text',
    requests: [
      postRun(
        root({
          extra: { metadata: { user_id: 42, thread_id: 7 } },
          end_time: null,
          error: null,
          outputs: null,
          tags: null,
        }),
      ),
      patchRun(1, { ...root(), end_time: iso(900).replace('Z', '+00:00'), outputs: { output: 'So.' } }),
    ],
    session: { status: 'completed', user: '42', thread: '7' },
    of: { agent: { ended: ms(900), error: null } },
  },
  {
    name: 'an error, its stack behind it, and one that means cancelled',
    requests: [
      batch({
        post: [
          run([1, 2], 'look', 'tool', { ...done, inputs: {}, error: 'TypeError: no\n\nat x' }),
          root({ ...done, error: 'CancelledError()\n\nTraceback' }),
        ],
      }),
    ],
    session: { status: 'cancelled' },
    of: { look: { error: 'error: TypeError: no' } },
  },
  {
    name: 'a batch whose items are odd',
    requests: [
      { ...batch({ post: [null, 5, {}, { id: 5 }, root(done)], patch: 'none', other: [] }), answers: /"refused":4/ },
    ],
    session: { status: 'completed' },
    steps: ['agent ended agent'],
  },
];
