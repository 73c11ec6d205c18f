// SPDX-License-Identifier: Apache-2.0
// The published clients, what switches each on, and what is known of it. `tells`: 'starts' if it tells of what begins,
// 'ends' if it sends only what has ended. `troubles`: what it survives by sending again. `stays`: its process does not end
// by itself. `isEndless`: when it is stopped its root never ends, so that the session ends by its silence. `whole`,
// `cancelled`, `killed`: what such a run is, where it differs from that of the others (docs/agents.md).
import { fileURLToPath } from 'node:url';

const preload = fileURLToPath(new URL('../../../clients/js/src/otel_preload.js', import.meta.url));
const FAST = { OTEL_BSP_SCHEDULE_DELAY: '200' };

const langsmith = (base, token) => ({
  LANGSMITH_TRACING: 'true',
  LANGSMITH_ENDPOINT: `${base}/ingest/langsmith`,
  LANGSMITH_API_KEY: token,
});
const otlp = (base, token) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `${base}/ingest/otlp`,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${token}`,
  ...FAST,
});
const langfuse = (base, token) => ({
  LANGFUSE_BASE_URL: `${base}/ingest/langfuse`,
  LANGFUSE_BASEURL: `${base}/ingest/langfuse`,
  LANGFUSE_PUBLIC_KEY: 'pk-lf-x',
  LANGFUSE_SECRET_KEY: token,
  LANGFUSE_FLUSH_INTERVAL: '0.2',
  ...FAST,
});
const live = (env) => (base, token) => ({ ...env(base, token), NODE_OPTIONS: `--import ${preload}` });
const withEnv = (env, more) => (base, token) => ({ ...env(base, token), ...more });

const CALLS = ['model', 'search', 'model', 'read_page !', 'model'];
const NESTED = ['> model', '> search', '> model'];
const LAST = ['model', 'search', 'search', 'model'];
// Lines of drive.mjs' skeleton(): of a whole run, of one that a person stopped in the nested search, of one that was killed
// there, with a client that had told of what was open, and with one that had not.
const WHOLE = [...CALLS, 'delegate', ...NESTED, ...LAST];
const STOPPED = [...CALLS, 'delegate !', '> model', '> search !'];
const KILLED = { starts: [...CALLS, 'delegate ?', '> model', '> search ?'], ends: [...CALLS, 'model'] };
const TROUBLES = ['tooMany', 'away', 'unavailable', 'dropAfter'];

const known = {
  langgraph: { app: 'langgraph', env: langsmith, tells: 'starts' },
  'langgraph-0.7': { app: 'langgraph-0.7', env: langsmith, tells: 'starts' },
  'langgraph-0.3': { app: 'langgraph-0.3', env: langsmith, tells: 'starts' },
  'otel-json': { app: 'otel', env: otlp, tells: 'ends' },
  'otel-proto': { app: 'otel', env: withEnv(otlp, { FORM: 'proto' }), tells: 'ends' },
  'otel-gzip': {
    app: 'otel',
    env: withEnv(otlp, { FORM: 'proto', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }),
    tells: 'ends',
  },
  'otel-live': { app: 'otel', env: live(withEnv(otlp, { FORM: 'proto' })), tells: 'starts' },
  openinference: { app: 'openinference', env: live(otlp), tells: 'starts' },
  // A wrapped function that throws never ends its span; connections that are cut are not made again.
  traceloop: {
    app: 'traceloop',
    troubles: ['tooMany', 'unavailable'],
    whole: WHOLE.filter((line) => line !== 'read_page !'),
    cancelled: ['failed', ['model', 'search', 'model', 'model', 'model']],
    isEndless: true,
    killed: ['model', 'search', 'model', 'model', 'model'],
    env: (base, token) => ({ TRACELOOP_BASE_URL: `${base}/ingest/otlp`, TRACELOOP_API_KEY: token, ...FAST }),
    tells: 'ends',
  },
  // It says that something failed, not that it was stopped.
  langfuse: { app: 'langfuse', env: live(langfuse), tells: 'starts', cancelled: ['failed', STOPPED] },
  // Its spans have no type, so that tools are groups.
  'langfuse-3': {
    app: 'langfuse-3',
    env: langfuse,
    tells: 'starts',
    troubles: [],
    whole: Array(7).fill('model'),
    cancelled: ['failed', Array(4).fill('model')],
    killed: Array(4).fill('model'),
  },
  'ai-6': { app: 'ai-6', env: live(otlp), tells: 'starts' },
  'ai-7': { app: 'ai-7', env: live(otlp), tells: 'starts' },
  'openai-agents': {
    app: 'openai-agents',
    cancelled: ['failed', STOPPED],
    env: (base, token) => ({
      AGENTS_ENDPOINT: `${base}/ingest/openai-agents/v1/traces/ingest`,
      AGENTS_TOKEN: token,
      OPENAI_API_KEY: token,
    }),
    tells: 'ends',
  },
  // Its tools may not throw, and the server of its developers' mode keeps it alive. It sends everything once.
  genkit: {
    app: 'genkit',
    stays: true,
    troubles: [],
    whole: WHOLE.map((line) => line.replace('read_page !', 'read_page')),
    cancelled: ['failed', STOPPED.map((line) => line.replace('read_page !', 'read_page'))],
    killed: KILLED.starts.map((line) => line.replace('read_page !', 'read_page')),
    env: (base, token) => ({
      GENKIT_ENV: 'dev',
      GENKIT_TELEMETRY_SERVER: `${base}/ingest/genkit/${token}`,
      GENKIT_ENABLE_REALTIME_TELEMETRY: 'true',
    }),
    tells: 'starts',
  },
  // It has batches of five seconds and its agents go on after a tool was stopped.
  mastra: {
    app: 'mastra',
    cancelled: ['completed', [...CALLS, 'delegate', '> model', '> search !', 'model']],
    killed: null,
    env: (base, token) => ({ MASTRA_ENDPOINT: `${base}/ingest/otlp`, MASTRA_TOKEN: token, ...FAST }),
    tells: 'ends',
  },
  logfire: {
    app: 'logfire',
    env: (base, token) => ({ LOGFIRE_TOKEN: token, LOGFIRE_BASE_URL: `${base}/ingest/otlp`, ...FAST }),
    tells: 'starts',
  },
};

export const clients = Object.fromEntries(
  Object.entries(known).map(([name, client]) => [
    name,
    { whole: WHOLE, cancelled: ['cancelled', STOPPED], killed: KILLED[client.tells], troubles: TROUBLES, ...client },
  ]),
);
