// SPDX-License-Identifier: Apache-2.0
// What one copies to connect an agent. tests/clients/snippets.test.mjs runs each as it stands here.

/**
 * @typedef {{ origin: string, workspace: string, token: string }} Values
 * @typedef {{ id: string, name: string, scopes: string[], language: string, say: string, text: (values: Values) => string }} Snippet
 */

const door = ['ingest'];
const writer = ['read', 'sessions:write', 'messages:write'];

/** @type {Snippet[]} */
export const snippets = [
  {
    id: 'langgraph',
    name: 'LangGraph, LangChain',
    scopes: door,
    language: 'bash',
    say: 'Three variables in the environment of your program, which stays as it is. JavaScript and Python; steps appear while they run.',
    text: ({ origin, token }) => `export LANGSMITH_TRACING=true
export LANGSMITH_ENDPOINT=${origin}/ingest/langsmith
export LANGSMITH_API_KEY=${token}`,
  },
  {
    id: 'opentelemetry',
    name: 'OpenTelemetry',
    scopes: door,
    language: 'bash',
    say: 'For whatever exports OTLP over HTTP: OpenInference, Logfire, Mastra and others. A span is sent when it has ended.',
    text: ({ origin, token }) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}/ingest/otlp
export OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20${token}
export OTEL_BSP_SCHEDULE_DELAY=300`,
  },
  {
    id: 'ai-sdk',
    name: 'AI SDK',
    scopes: door,
    language: 'javascript',
    say: 'AI SDK 7. Save it as telemetry.mjs and start your program with: node --import ./telemetry.mjs',
    text: ({ origin, token }) => `import { OpenTelemetry } from '@ai-sdk/otel';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { registerTelemetry } from 'ai';

const exporter = new OTLPTraceExporter({
  url: '${origin}/ingest/otlp/v1/traces',
  headers: { authorization: 'Bearer ${token}' },
});
const processor = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 300 });
new NodeTracerProvider({ spanProcessors: [processor] }).register();
registerTelemetry(new OpenTelemetry());
process.once('beforeExit', () => processor.forceFlush());`,
  },
  {
    id: 'openai-agents',
    name: 'OpenAI Agents',
    scopes: door,
    language: 'javascript',
    say: 'Save it as telemetry.mjs and start your program with: node --import ./telemetry.mjs',
    text: ({
      origin,
      token,
    }) => `import { BatchTraceProcessor, OpenAITracingExporter, setTraceProcessors } from '@openai/agents';

const exporter = new OpenAITracingExporter({
  endpoint: '${origin}/ingest/openai-agents/v1/traces/ingest',
  apiKey: '${token}',
});
setTraceProcessors([new BatchTraceProcessor(exporter, { scheduleDelay: 300 })]);`,
  },
  {
    id: 'javascript',
    name: 'JavaScript',
    scopes: writer,
    language: 'javascript',
    say: 'With the library in clients/js, which has no dependency.',
    text: ({ origin, workspace, token }) => `import { TraceEmitter } from 'agent-trace';

const emitter = new TraceEmitter({
  url: '${origin}',
  workspace: '${workspace}',
  token: '${token}',
});
const session = await emitter.forSession({ title: 'Hello from JavaScript' });
const step = session.startStep({ type: 'thinking' });
step.progress({ content: 'What is there to say?' });
step.complete({ content: 'Say hello.' });
await session.notifyCompleted();`,
  },
  {
    id: 'python',
    name: 'Python',
    scopes: writer,
    language: 'python',
    say: 'With the library in clients/python, which needs the standard library alone.',
    text: ({ origin, workspace, token }) => `from agent_trace import TraceEmitter

with TraceEmitter(
    url="${origin}",
    workspace="${workspace}",
    token="${token}",
) as emitter, emitter.for_session(title="Hello from Python") as session:
    with session.start_step("thinking") as step:
        step.progress(content="What is there to say?")
        step.complete(content="Say hello.")`,
  },
  {
    id: 'c',
    name: 'C',
    scopes: writer,
    language: 'c',
    say: 'With libagenttrace: cc hello.c $(pkg-config --cflags --libs libagenttrace)',
    text: ({ origin, workspace, token }) => `#include <agenttrace.h>

int main(void)
{
    struct trace_emitter *emitter = trace_emitter_new(&(struct trace_config){
        .url = "${origin}",
        .workspace = "${workspace}",
        .token = "${token}"});
    struct trace_session *session;
    struct trace_step *step;
    if (trace_session_create(emitter, &(struct trace_session_spec){.title = "Hello from C"}, &session) <= TRACE_QUEUED) {
        if (trace_step_start(session, &(struct trace_step_spec){.type = "thinking"}, &step) <= TRACE_QUEUED) {
            trace_step_progress(step, "What is there to say?");
            trace_step_complete(step, &(struct trace_outcome){.text = "Say hello."});
        }
        trace_session_complete(session, NULL, 0);
    }
    trace_emitter_free(emitter);
    return 0;
}`,
  },
  {
    id: 'curl',
    name: 'curl',
    scopes: writer,
    language: 'bash',
    say: 'Three calls: a session begins, a step is recorded, the session ends.',
    text: ({ origin, workspace, token }) => `sessions='${origin}/api/workspaces/${workspace}/agent-sessions'
auth='authorization: Bearer ${token}'
json='content-type: application/json'
id=$(curl -sS "$sessions" -H "$auth" -H "$json" -d '{"title":"Hello from curl"}' | grep -o 'ses_[0-9A-Z]*' | head -n 1)
curl -sS "$sessions/$id/steps" -H "$auth" -H "$json" -d '{"stepType":"thinking","content":"Say hello.","completed":true}'
curl -sS "$sessions/$id/complete" -H "$auth" -H "$json" -d '{}'`,
  },
];
