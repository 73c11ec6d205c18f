// SPDX-License-Identifier: Apache-2.0
// What the door for agents of others takes: OTLP spans in protobuf, LangSmith's runs in gzipped multipart, and the memory of
// its workers after a body of 64 MiB. Every span and run is new; budgets are off.
//
//     node tests/bench/intake.mjs [connections] [seconds] [items a request]
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { World } from '../integration/session_world.mjs';
import { newToken } from '../clients/live/drive.mjs';
import { machine } from './machine.mjs';
import { processorSeconds, workersOf } from './processes.mjs';

const [connections = 4, seconds = 10, items = 200] = process.argv.slice(2).map(Number);

// Protocol buffers, as far as spans need them: fields of bytes and fixed numbers.
const varint = (n) => {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push(n % 128 | 128);
  return Buffer.from([...bytes, n]);
};
const bytes = (field, value) => Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
const text = (field, value) => bytes(field, Buffer.from(value));
const fixed64 = (field, value) => {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(value);
  return Buffer.concat([varint(field * 8 + 1), number]);
};
const attribute = (key, value) => bytes(9, Buffer.concat([text(1, key), bytes(2, text(1, value))]));

function spans(n) {
  const trace = randomBytes(16);
  const root = randomBytes(8);
  const now = BigInt(Date.now()) * 1_000_000n;
  const list = Array.from({ length: n }, (_, i) => {
    const isRoot = i === n - 1;
    return bytes(
      2,
      Buffer.concat([
        bytes(1, trace),
        bytes(2, isRoot ? root : randomBytes(8)),
        ...(isRoot ? [] : [bytes(4, root)]),
        text(5, isRoot ? 'invoke_agent a' : 'chat m'),
        fixed64(7, now + BigInt(i)),
        fixed64(8, now + BigInt(i + 1_000_000)),
        attribute('gen_ai.operation.name', isRoot ? 'invoke_agent' : 'chat'),
        attribute('gen_ai.request.model', 'm'),
        attribute('gen_ai.input.messages', JSON.stringify([{ role: 'user', content: 'x'.repeat(200) }])),
        attribute('gen_ai.output.messages', JSON.stringify([{ role: 'assistant', content: 'y'.repeat(200) }])),
      ]),
    );
  });
  return bytes(1, bytes(2, Buffer.concat(list)));
}

const BOUNDARY = 'agent-trace-bench';
function runs(n) {
  const trace = randomUUID();
  const at = Date.now();
  const time = (i) => `${new Date(at + i).toISOString().slice(0, -1)}000Z`;
  const dotted = (id, i) => `${time(i).replaceAll(/[-:.]/g, '')}${id}`;
  const part = (name, value) => {
    const json = JSON.stringify(value);
    return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: application/json; length=${json.length}\r\n\r\n${json}\r\n`;
  };
  const parts = Array.from({ length: n }, (_, i) => {
    const id = i === 0 ? trace : randomUUID();
    const order = i === 0 ? dotted(trace, 0) : `${dotted(trace, 0)}.${dotted(id, i)}`;
    const run = {
      id,
      trace_id: trace,
      ...(i > 0 && { parent_run_id: trace }),
      dotted_order: order,
      name: i === 0 ? 'agent' : 'ChatModel',
      run_type: i === 0 ? 'chain' : 'llm',
      start_time: time(i),
      end_time: at + i + 1,
      session_name: 'bench',
    };
    return [
      part(`post.${id}`, run),
      part(`post.${id}.inputs`, { messages: [{ role: 'user', content: 'x'.repeat(200) }] }),
      part(`post.${id}.outputs`, { messages: [{ role: 'assistant', content: 'y'.repeat(200) }] }),
    ].join('');
  });
  return gzipSync(`${parts.join('')}--${BOUNDARY}--\r\n`, { level: 1 });
}

const kinds = {
  'OTLP protobuf spans': {
    path: '/ingest/otlp/v1/traces',
    headers: { 'content-type': 'application/x-protobuf' },
    body: spans,
  },
  'LangSmith gzip runs': {
    path: '/ingest/langsmith/runs/multipart',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, 'content-encoding': 'gzip' },
    body: runs,
  },
};

// Who has taken how much of the processors. Unlike the rates it hardly depends on what else the machine does.
const taken = (world) => ({
  worker: processorSeconds([world.instance.pid('ingest-api')]),
  PostgreSQL: processorSeconds([world.instance.pid('postgres')]),
  nginx: processorSeconds([world.instance.pid('nginx')]),
  pusher: processorSeconds([world.instance.pid('trace-pusher')]),
  client: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
});

// Bodies are made beforehand, so that this process has little to do meanwhile.
async function measure(world, { path, headers, body }) {
  const { secret, persona } = await newToken(world);
  const post = async (bytes) => {
    const response = await fetch(world.instance.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, ...headers },
      body: bytes,
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
  };
  // Each worker has its statements planned before the measurement begins, and every body is there: while they are made,
  // nothing is read from connections that wait.
  const bodies = Array.from({ length: 40 * connections * seconds }, () => body(items));
  const rounds = 20 * workersOf(world.instance.pid('ingest-api')).length;
  for (let round = 0; round < rounds; round += connections) await Promise.all(bodies.splice(-connections).map(post));
  const count = async () =>
    (
      await world.sql(`SELECT count(*)::int AS n FROM steps p JOIN agent_sessions s ON s.id = p.session_id
        WHERE s.persona_id = '${persona}'`)
    )[0].n;
  const earlier = await count();
  let sent = 0;
  const before = taken(world);
  const began = performance.now();
  const end = began + seconds * 1000;
  const work = async () => {
    while (performance.now() < end && bodies.length) {
      await post(bodies.pop());
      sent += items;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  const took = (performance.now() - began) / 1000;
  const micros = Object.entries(taken(world)).map(
    ([name, s]) => `${name} ${(((s - before[name]) / sent) * 1e6).toFixed(0)}`,
  );
  const isWhole = (await count()) === earlier + sent;
  return { rate: sent / took, isWhole, kib: bodies[0]?.length / 1024, micros };
}

const highest = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

// A body as large as any may be, of spans with long texts.
async function memory(world) {
  const { secret } = await newToken(world);
  const span = (i) => ({
    traceId: i.toString(16).padStart(32, '1'),
    spanId: i.toString(16).padStart(16, '2'),
    name: 'chat m',
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now() + 1}000000`,
    attributes: [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.input.messages', value: { stringValue: 'x'.repeat(60_000) } },
    ],
  });
  const list = Array.from({ length: 1090 }, (_, i) => span(i + 1));
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: list }] }] });
  const response = await fetch(`${world.instance.url}/ingest/otlp/v1/traces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body,
  });
  const answer = await response.text();
  const workers = workersOf(world.instance.pid('ingest-api'));
  return { mib: body.length / 2 ** 20, status: response.status, answer, most: Math.max(...workers.map(highest)) };
}

const world = await World.make({
  env: { TRACE_BUDGET_REQUESTS: '0', TRACE_BUDGET_STEPS: '0', TRACE_BUDGET_BYTES: '0' },
});
for (const [name, kind] of Object.entries(kinds)) {
  const { rate, isWhole, kib, micros } = await measure(world, kind);
  const size = kib ? `, ${kib.toFixed(0)} KiB a request` : '';
  console.log(
    `${name}: ${Math.round(rate)} a second, ${items} a request${size}${isWhole ? '' : '; NOT ALL WERE KEPT'}`,
  );
  console.log(`  processor time of each, µs: ${micros.join(', ')}`);
}
const { mib, status, answer, most } = await memory(world);
console.log(
  `a body of ${mib.toFixed(1)} MiB: ${status} ${answer.slice(0, 100)}, at most ${most.toFixed(0)} MiB in a worker`,
);
console.log(machine());
await world.instance.stop();
