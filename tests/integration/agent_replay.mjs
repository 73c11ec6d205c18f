// SPDX-License-Identifier: Apache-2.0
// A model server that answers with recorded bytes, head and body as they came over the wire. What it closes it drains
// first: a socket closed with unread bytes is reset, and the reset discards what its client has not read yet.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('models', import.meta.url));
const DRAIN_MS = 1000;
const DRAIN_MAX_BYTES = 16 << 20;

// A sample of tests/integration/models/, which README.md there describes.
export const sample = (name) => readFileSync(join(folder, `${name}.txt`));

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n';
const event = (delta, reason = null) =>
  `data: ${JSON.stringify({ model: 'replayed', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;

// A stream of these deltas.
export const stream = (deltas, reason = 'stop') =>
  Buffer.from(`${head}${deltas.map((delta) => event(delta)).join('')}${event({}, reason)}data: [DONE]\n\n`);
export const says = (content) => stream([{ role: 'assistant', content }]);
export const reply = (status, body, headers = '') =>
  Buffer.from(
    `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

// The pieces that a stream is made of, for what `stream` does not make.
export const sse = (body, headers = '') =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${headers}Connection: close\r\n\r\n`),
    Buffer.from(body),
  ]);
export const chunk = (delta, reason = null, rest = {}) =>
  JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }], ...rest }); // prettier-ignore
export const data = (...documents) => documents.map((document) => `data: ${document}\n\n`).join('');
export const done = 'data: [DONE]\n\n';

function drained(socket, bytes) {
  let dropped = 0;
  socket.on('data', (data) => (dropped += data.length) > DRAIN_MAX_BYTES && socket.destroy());
  socket.once('end', () => socket.destroy());
  setTimeout(() => socket.destroy(), DRAIN_MS).unref();
  socket.end(bytes);
}

function parsed(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const lines = bytes.subarray(0, end).toString().split('\r\n');
  const headers = Object.fromEntries(lines.slice(1).map((line) => /^([^:]+): ?(.*)$/.exec(line).slice(1)));
  const length = Number(headers['Content-Length'] ?? 0);
  if (bytes.length < end + 4 + length) return undefined;
  const text = bytes.subarray(end + 4, end + 4 + length).toString();
  const [method, path] = lines[0].split(' ');
  return { method, path, headers, text, body: text ? JSON.parse(text) : undefined };
}

// `answer(request, n)` gives the bytes for the nth call of /chat/completions (from 1), or {bytes, hangs: true} to leave
// the connection open behind them. Other paths are 404. `url` is the base for TRACE_MODEL_URL.
export async function startReplay(answer) {
  const replay = { requests: [], cut: 0 };
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = Buffer.alloc(0);
    const take = async (data) => {
      bytes = Buffer.concat([bytes, data]);
      const request = parsed(bytes);
      if (!request) return;
      socket.off('data', take);
      if (!request.path.includes('/chat/completions')) return drained(socket, reply(404, '{}'));
      replay.requests.push(request);
      const answered = await answer(request, replay.requests.length);
      if (!answered.hangs) return drained(socket, answered);
      socket.write(answered.bytes);
      socket.once('end', () => ((replay.cut += 1), socket.destroy()));
      socket.resume();
    };
    socket.on('data', take).on('error', () => {});
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  replay.port = server.address().port;
  return Object.assign(replay, { url: `http://127.0.0.1:${replay.port}/v1`, stop: () => server.close() });
}
