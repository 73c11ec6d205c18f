// SPDX-License-Identifier: Apache-2.0
// Langfuse's events, OpenAI's Agents, Genkit's traces, and Claude Code's records.
import { TRACE, agents, attributes, iso, json, langfuse, logs, ms, ns, otlpOf, span, spanId } from './build.mjs';

const trace = {
  id: 't',
  name: 'guide',
  timestamp: iso(),
  sessionId: 's-1',
  userId: 'u-1',
  tags: ['x'],
  input: { question: 'How?' },
};
const generation = { id: 'g', traceId: 't', name: 'call', startTime: iso(), model: 'm' };
const agentsSpan = (id, parent, data, more = {}) => ({
  object: 'trace.span',
  id,
  trace_id: 'trace_1',
  parent_id: parent,
  started_at: iso(),
  ended_at: iso(1000),
  span_data: data,
  error: null,
  ...more,
});
const record = (name, values, more = {}) => ({
  timeUnixNano: ns(),
  body: { stringValue: `claude_code.${name}` },
  attributes: attributes({ 'event.name': name, 'prompt.id': 'p-1', 'session.id': 'c-1', ...values }),
  ...more,
});

export const otherRows = [
  {
    name: 'Langfuse: updates before creations, the trace last',
    requests: [
      langfuse([
        'generation-update',
        { id: 'g', traceId: 't', endTime: iso(900), output: 'So.', usageDetails: { input: 5, output: 2, total: 7 } },
      ]),
      langfuse(['generation-create', { ...generation, parentObservationId: 's' }]),
      langfuse(
        ['span-create', { id: 's', traceId: 't', name: 'plan', startTime: iso(-1), endTime: iso(950) }],
        ['trace-create', trace],
      ),
    ],
    session: { title: 'How?', thread: 's-1', user: 'u-1', tags: ['x'], tokens: [5, 2] },
    steps: ['span ended plan', '  generation ended call'],
    of: { call: { content: 'So.', model: 'm' } },
  },
  {
    name: 'Langfuse: an update that does not say its trace',
    requests: [
      langfuse(['trace-create', trace], ['generation-create', generation]),
      langfuse(['generation-update', { id: 'g', endTime: iso(900), output: 'So.' }]),
    ],
    steps: ['generation ended call'],
    of: { call: { content: 'So.' } },
  },
  {
    name: 'Langfuse: events with faults are named, the others kept',
    requests: [
      {
        ...json('/ingest/langfuse/api/public/ingestion', {
          batch: [
            { id: 'a', type: 'trace-create', timestamp: iso(), body: trace },
            { id: 'b', type: 'generation-create', body: { traceId: 't' } },
            { id: 'c', type: 'span-create' },
            { id: 'd', body: {} },
            { id: 'e', type: 'score-create', body: { id: 'x', traceId: 't', name: 'n', value: 1 } },
            { id: 'f', type: 'dataset-run-item-create', body: { id: 'x', runId: 'r', traceId: 't' } },
            { id: 'g', type: 'nonsense', body: { id: 'x', traceId: 't' } },
            {
              id: 'h',
              type: 'agent-create',
              body: { id: 'h', traceId: 't', name: 'a', startTime: iso(), endTime: iso(9) },
            },
            'text',
          ],
        }),
        status: 207,
        answers:
          /"successes":\[\{"id":"a","status":201\},\{"id":"e","status":201\},\{"id":"f","status":201\},\{"id":"h","status":201\}\],"errors":\[\{"id":"b","status":400.*"id":"c".*"id":"d".*"id":"g"/,
      },
    ],
    steps: ['agent ended a'],
  },
  {
    name: 'Langfuse: the words of OpenAI for a usage, and what it cost',
    requests: [
      langfuse(
        ['trace-create', trace],
        [
          'generation-create',
          {
            ...generation,
            endTime: iso(900),
            usageDetails: {
              prompt_tokens: 100,
              completion_tokens: 20,
              total_tokens: 120,
              prompt_tokens_details: { cached_tokens: 64 },
            },
            costDetails: { total: 0.25 },
            level: 'ERROR',
            statusMessage: 'no',
          },
        ],
      ),
    ],
    session: { tokens: [100, 20], details: [64, 0, 0] },
    of: { call: { error: 'error: no', usage: { costUsd: 0.25 } } },
  },
  {
    name: 'Agents: spans before their trace, ends before beginnings',
    requests: [
      agents(
        agentsSpan('span_2', 'span_1', {
          type: 'generation',
          model: 'm',
          input: [{ role: 'user', content: 'How?' }],
          output: [{ role: 'assistant', content: 'So.' }],
          usage: { input_tokens: 5, output_tokens: 2 },
        }),
      ),
      agents(agentsSpan('span_2', 'span_1', { type: 'generation', model: 'm' }, { ended_at: null })),
      agents(agentsSpan('span_1', null, { type: 'agent', name: 'guide' })),
      agents({ object: 'trace', id: 'trace_1', workflow_name: 'Flow', group_id: 'g-1', metadata: { user_id: 'u-1' } }),
    ],
    session: { status: 'completed', thread: 'g-1', user: 'u-1', title: 'Flow', tokens: [5, 2] },
    steps: ['agent ended guide', '  generation ended generation'],
    of: { generation: { content: 'So.' } },
  },
  {
    name: 'Agents: a response that says its usage, within a turn that repeats it',
    requests: [
      agents(
        { object: 'trace', id: 'trace_1', workflow_name: 'Flow' },
        agentsSpan('span_1', null, {
          type: 'custom',
          name: 'task',
          data: { sdk_span_type: 'task', usage: { input_tokens: 5, output_tokens: 2 } },
        }),
        agentsSpan('span_2', 'span_1', {
          type: 'custom',
          name: 'turn',
          data: { sdk_span_type: 'turn', usage: { input_tokens: 5, output_tokens: 2 } },
        }),
        agentsSpan('span_3', 'span_2', {
          type: 'response',
          response_id: 'r',
          usage: { input_tokens: 5, output_tokens: 2 },
        }),
      ),
    ],
    session: { status: 'completed', tokens: [5, 2] },
  },
  {
    name: 'Agents: a tool that failed, a guardrail, a handoff, and odd items',
    requests: [
      {
        ...agents(
          agentsSpan('span_1', null, { type: 'agent', name: 'guide' }),
          agentsSpan(
            'span_2',
            'span_1',
            { type: 'function', name: 'look', input: '{"q":1}', output: null },
            { error: { message: 'Error running tool', data: { error: 'no' } } },
          ),
          agentsSpan('span_3', 'span_1', { type: 'guardrail', name: 'safe', triggered: true }),
          agentsSpan('span_4', 'span_1', { type: 'handoff', from_agent: 'guide', to_agent: 'other' }),
          agentsSpan('span_5', 'span_1', { type: 'mcp_tools', server: 'x', result: ['look'] }),
          { object: 'trace.span' },
          null,
          5,
          [],
        ),
        answers: /"refused":4/,
      },
    ],
    session: { status: 'completed' },
    steps: [
      'agent ended guide',
      '  handoff ended handoff',
      '  tool_call ended look',
      '  mcp_tools ended mcp_tools',
      '  guardrail ended safe',
    ],
    of: { look: { error: 'error: Error running tool', content: { tool: 'look', args: { q: 1 } } } },
  },
  {
    name: 'Genkit: a span without a trace of its own, times as floats, an error as a state',
    requests: [
      {
        genkit: true,
        ...json('', {
          traceId: TRACE,
          spans: {
            b: {
              spanId: 'b',
              parentSpanId: 'a',
              displayName: 'gemini',
              startTime: ms() + 0.5,
              endTime: ms(900) + 0.25,
              attributes: {
                'genkit:type': 'action',
                'genkit:metadata:subtype': 'model',
                'genkit:input': '{"messages":[{"role":"user","content":[{"media":{"url":"data:x"}},{"text":"How?"}]}]}',
                'genkit:output':
                  '{"message":{"content":[{"reasoning":"Hm."},{"text":"So."}]},"usage":{"inputTokens":5,"outputTokens":2}}',
              },
            },
            a: {
              spanId: 'a',
              traceId: TRACE,
              displayName: 'guide',
              startTime: ms(),
              endTime: ms(1000),
              attributes: { 'genkit:type': 'flow', 'genkit:input': '"How?"', 'genkit:state': 'error' },
              status: { code: 2, message: 'no' },
            },
          },
        }),
      },
    ],
    session: { status: 'failed', title: 'How?', tokens: [5, 2], message: 'no' },
    steps: ['agent ended guide', '  generation ended gemini'],
    of: { gemini: { content: 'Hm.\n\nSo.' } },
  },
  {
    name: 'Claude Code: records by the name of their event, without spans',
    requests: [
      logs(record('user_prompt', { prompt: 'How?' })),
      logs(
        record(
          'tool_decision',
          { tool_name: 'Bash', tool_use_id: 'u-1', decision: 'accept' },
          { body: undefined, eventName: 'claude_code.tool_decision' },
        ),
      ),
      logs(
        record(
          'tool_result',
          { tool_name: 'Bash', tool_use_id: 'u-1', success: 'false', error: 'no', duration_ms: 100 },
          { body: { stringValue: 'Tool result' } },
        ),
        record('api_request', {
          request_id: 'r-1',
          model: 'm',
          input_tokens: 5,
          output_tokens: 2,
          cache_read_tokens: 10,
          cost_usd: 0.5,
          duration_ms: 50,
        }),
        record('unknown', {}),
      ),
    ],
    session: { title: 'How?', thread: 'c-1', tokens: [15, 2], details: [10, 0, 0] },
    of: { 'claude_code.tool': { type: 'tool_call', error: 'error: no', has_ended: true } },
  },
  {
    name: 'Logfire: the pending span behind the real one, in another request',
    requests: [
      otlpOf([{ scope: 'logfire' }, span('1', null, 'guide', { 'logfire.msg': 'guide' })]),
      otlpOf([
        { scope: 'logfire' },
        span(
          '9',
          '1',
          'guide (pending)',
          { 'logfire.msg': 'guide', 'logfire.span_type': 'pending_span', 'logfire.pending_parent_id': '0'.repeat(16) },
          { endTimeUnixNano: ns() },
        ),
        span(
          '8',
          '2',
          'look (pending)',
          { 'logfire.msg': 'look', 'logfire.span_type': 'pending_span', 'logfire.pending_parent_id': spanId('1') },
          { endTimeUnixNano: ns() },
        ),
      ]),
    ],
    steps: ['span ended guide', '  span open look'],
  },
];
