// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry spans of the server's own requests, as a collector receives them: what they say and do not say, which
// trace they continue, and what becomes of them while the collector refuses, hangs or is away.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { until } from '../lib/patience.mjs';
import { addToken } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const running = [];
after(() => Promise.all(running.map((it) => it.stop())));

// A collector: keeps what it has answered with 200. Its `answer` may be another status, or 'never'.
class Collector {
  requests = [];
  spans = [];
  asked = 0;
  answer = 200;
  body = {};
  #server = createServer((request, response) => this.#take(request, response));

  async listen(port) {
    await new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  #take(request, response) {
    let text = '';
    request.setEncoding('utf8').on('data', (piece) => (text += piece));
    request.on('end', () => {
      this.asked++;
      if (this.answer === 'never') return;
      if (this.answer === 200) this.#keep(request, JSON.parse(text));
      response.writeHead(this.answer, { 'content-type': 'application/json' }).end(JSON.stringify(this.body));
    });
  }

  #keep({ method, url, headers }, body) {
    this.requests.push({ method, url, headers });
    for (const { resource, scopeSpans } of body.resourceSpans)
      for (const { scope, spans } of scopeSpans)
        this.spans.push(...spans.map((span) => ({ ...span, scope, resource, said: attributes(span) })));
  }

  // The span that fits, when it has come.
  span(expected) {
    const fits = (span) => Object.entries(expected).every(([key, value]) => (span.said[key] ?? span[key]) === value);
    return until(() => this.spans.find(fits), `a span with ${JSON.stringify(expected)}`);
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

const attributes = ({ attributes: list }) =>
  Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

async function startWith(env) {
  const instance = await start({ env });
  running.push(instance);
  return instance;
}

async function both(env = {}) {
  const collector = await new Collector().listen(0);
  running.push(collector);
  return { collector, instance: await startWith({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, ...env }) };
}

const lostOf = (instance) => metric(instance, 'trace_api_spans_lost_total');

test('a request is a span by the conventions for HTTP servers, and continues the trace of its caller', async () => {
  const { collector, instance } = await both({
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b%2C%3D, x-other=2',
    OTEL_SERVICE_NAME: 'trace of "ours"',
  });
  const agent = agentOf(instance);
  const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
  const began = Date.now();
  const reply = (await agent.post('agent-sessions?q=zzquery', { title: 'zztitle' }, headers)).expect(201);
  const span = await collector.span({ traceId: TRACE });
  assert.equal(span.parentSpanId, PARENT);
  assert.match(span.spanId, /^(?!0{16})[0-9a-f]{16}$/);
  assert.equal(span.name, 'POST /api/workspaces/{ws}/agent-sessions');
  assert.equal(span.kind, 2);
  assert.deepEqual(span.status, {});
  assert.deepEqual(span.said, {
    'http.request.method': 'POST',
    'http.route': '/api/workspaces/{ws}/agent-sessions',
    'http.response.status_code': 201,
    'url.scheme': 'http',
  });
  const [from, to] = [span.startTimeUnixNano, span.endTimeUnixNano].map((ns) => Number(BigInt(ns) / 1_000_000n));
  assert.ok(from <= to && from >= began - 60_000 && to <= Date.now() + 60_000, `${from} to ${to}`);
  assert.equal(span.scope.name, 'trace-api');
  const resource = attributes(span.resource);
  assert.equal(resource['service.name'], 'trace of "ours"');
  assert.match(resource['service.version'], /^\d/);
  const { method, url, headers: sent } = collector.requests[0];
  assert.deepEqual([method, url, sent['content-type']], ['POST', '/v1/traces', 'application/json']);
  assert.deepEqual([sent['x-key'], sent['x-other']], ['a b,=', '2']);
  assert.match(sent.traceparent, /-00$/, 'a server that is its own collector is not to tell of it');

  // Without a header, or with one that is none, a trace begins here. An unsampled caller's is not told.
  (await agent.get('agent-sessions?limit=1', { traceparent: `00-${TRACE}-${PARENT}` })).expect(200);
  const own = await collector.span({ 'http.request.method': 'GET', 'http.route': span.said['http.route'] });
  assert.match(own.traceId, /^[0-9a-f]{32}$/);
  assert.notEqual(own.traceId, TRACE);
  assert.equal(own.parentSpanId, undefined);
  const unsampled = TRACE.replace('0af', '1af');
  (await agent.get('agent-sessions?limit=1', { traceparent: `00-${unsampled}-${PARENT}-00` })).expect(200);
  (await agent.get('/api/zzpath?q=zzquery', {})).expect(404);
  const none = await collector.span({ 'http.response.status_code': 404 });
  assert.equal(none.name, 'GET');
  assert.equal(none.said['http.route'], undefined);

  // Neither a token in the path nor what was written or asked for.
  const door = await addToken(instance, instance.env.TRACE_PERSONA, ['ingest']);
  await fetch(`${instance.url}/ingest/genkit/${door.token}/api/traces`, { method: 'POST', body: '{"traceId":"t"}' });
  await personOf(instance);
  await collector.span({ 'http.route': '/ingest/genkit/{*}/api/traces' });
  await collector.span({ name: 'POST /api/auth/login' });
  const all = JSON.stringify(collector.spans);
  for (const secret of ['zzquery', 'zztitle', 'zzpath', door.token, agent.token, reply.body.session.id, unsampled])
    assert.ok(!all.includes(secret), secret);
  assert.equal(await lostOf(instance), 0);
  assert.ok((await metric(instance, 'trace_api_spans_total')) >= 2);
});

test('of the traces that begin here a share is sent, and all that a caller has sampled', async () => {
  const { collector, instance } = await both({ OTEL_TRACES_SAMPLER_ARG: '0' });
  const agent = agentOf(instance);
  for (let i = 0; i < 20; i++) (await agent.get('agent-sessions?limit=1')).expect(200);
  (await agent.get('agent-sessions?limit=1', { traceparent: `00-${TRACE}-${PARENT}-01` })).expect(200);
  await collector.span({ traceId: TRACE });
  assert.equal(collector.spans.length, 1);
});

test('a collector that refuses: calls go on, what is lost is counted, and the log says so once', async () => {
  const { collector, instance } = await both({ TRACE_WORKERS: '2' });
  const agent = agentOf(instance);
  collector.answer = 400;
  const ask = async () => (await agent.get('agent-sessions?limit=1')).expect(200);
  await until(async () => (await ask()) && (await lostOf(instance)) > 0, 'a lost span to be counted');
  await until(() => collector.asked >= 3 || ask().then(() => false), 'several refusals');
  const said = () => instance.log('sweeper').match(/spans are not taken.*/g) ?? [];
  assert.equal(said().length, 1);
  assert.match(said()[0], /status 400/);
  collector.answer = 200;
  await until(async () => (await ask()) && collector.spans.length > 0, 'spans to be taken again');
  await until(() => /spans are taken by the collector again/.test(instance.log('sweeper')), 'the log to say so');
  assert.equal(said().length, 1);
});

test('spans that a collector rejects are counted, and each kind of its remarks is in the log once', async () => {
  const { collector, instance } = await both({ TRACE_WORKERS: '1' });
  const agent = agentOf(instance);
  const ask = async () => (await agent.get('agent-sessions?limit=1')).expect(200);
  const said = (pattern) => instance.log('sweeper').match(pattern) ?? [];
  const come = async (n) => until(async () => collector.requests.length >= n || (await ask(), false), 'more bodies');

  collector.body = { partialSuccess: { errorMessage: 'deprecated names' } };
  await come(2);
  await until(() => said(/warns: deprecated names/g).length === 1, 'the warning');
  assert.equal(await lostOf(instance), 0);

  const before = collector.spans.length;
  collector.body = { partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' } };
  await come(collector.requests.length + 2);
  await until(() => said(/rejects spans of them, 1 of this one: too old/g).length === 1, 'the error');
  // The count comes back with the next span.
  await until(async () => (await ask(), (await lostOf(instance)) >= 2), 'rejected spans to be counted');
  collector.body = { partialSuccess: { rejectedSpans: '1000000' } };
  await come(collector.requests.length + 1);
  collector.body = {};
  await come(collector.requests.length + 2);
  assert.ok((await lostOf(instance)) <= collector.spans.length - before, 'no more than there were');
  assert.equal(said(/the collector (takes|rejects|warns)/g).length, 2);
});

test('a collector that hangs or is away keeps nobody waiting, and what it missed comes later', async () => {
  const { collector, instance } = await both({ TRACE_WORKERS: '2' });
  const agent = agentOf(instance);
  const path = `agent-sessions?limit=1`;
  collector.answer = 'never';
  (await agent.get(path, { traceparent: `00-${TRACE}-${PARENT}-01` })).expect(200);
  await until(() => collector.asked > 0, 'the collector to hang');
  // It hangs for ten seconds. More than all queues hold comes meanwhile, and is answered.
  const ask = () => Promise.all(Array.from({ length: 64 }, async () => (await agent.get(path)).expect(200)));
  await until(async () => (await ask()) && (await lostOf(instance)) > 0, 'queues to be full', 120_000);
  await collector.stop();
  const again = new Collector();
  await again.listen(Number(new URL(collector.url).port));
  running.push(again);
  await until(() => again.spans.some((span) => span.traceId === TRACE), 'what was kept to come', 60_000);
});

test('another instance of this server takes them', async () => {
  const receiver = await startWith({});
  const { token } = await addToken(receiver, receiver.env.TRACE_PERSONA, ['ingest']);
  const instance = await startWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/ingest/otlp`,
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${token}`,
  });
  (await agentOf(instance).post('agent-sessions', {})).expect(201);
  const taken = () =>
    metric(receiver, 'ingest_api_requests_total', { route: '/ingest/otlp/v1/traces', status: '200' }).catch(() => 0);
  await until(async () => (await taken()) > 0, 'the spans to be taken');
  assert.doesNotMatch(instance.log('sweeper'), /spans are not taken/);
});

test('by default there are none, and a share that is none is refused where there are some', async () => {
  const instance = await startWith({ OTEL_TRACES_SAMPLER_ARG: 'x' });
  (await agentOf(instance).post('agent-sessions', {})).expect(201);
  assert.equal(await metric(instance, 'trace_api_spans_total'), 0);
  assert.ok(!existsSync(join(instance.state, 'sock', 'spans.sock')));
  const program = join(instance.prefix, 'libexec/trace-api.fcgi');
  const asNobody = ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];
  const words = [...(process.getuid() === 0 ? asNobody : []), program];
  const base = { ...process.env, TRACE_DATABASE_URL: instance.env.DATABASE_URL, TRACE_SOCKET_DIR: '/nonexistent' };
  for (const share of ['2', '-1', 'x', '0.5x', 'nan']) {
    const env = { ...base, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_SAMPLER_ARG: share };
    const { status, stderr } = spawnSync(words[0], words.slice(1), { env, encoding: 'utf8' });
    assert.deepEqual([status, /OTEL_TRACES_SAMPLER_ARG must be/.test(stderr)], [2, true], stderr);
  }
});
