// SPDX-License-Identifier: Apache-2.0
// HTTP as bytes: sends what no client library would, and splits what comes back into replies.
import { connect } from 'node:net';
import { giveUpAfter } from '../lib/patience.mjs';

const LIMIT_MS = giveUpAfter(40_000);

function takeChunks(bytes) {
  let at = 0;
  const parts = [];
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (line < 0 || Number.isNaN(size) || bytes.length < line + 4 + size) return undefined;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 4 + size;
    if (size === 0) return { body: Buffer.concat(parts), used: at };
  }
}

// The first reply of `bytes` and what is behind it; undefined if it is not whole.
function takeReply(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const status = Number(first.split(' ')[1]);
  const rest = bytes.subarray(end + 4);
  const isEmpty = status < 200 || status === 204 || status === 304;
  if (!isEmpty && headers.get('transfer-encoding') === 'chunked') {
    const taken = takeChunks(rest);
    return taken && { status, headers, lines, text: taken.body.toString(), rest: rest.subarray(taken.used) };
  }
  const length = isEmpty ? 0 : Number(headers.get('content-length') ?? rest.length);
  if (rest.length < length) return undefined;
  return { status, headers, lines, text: rest.subarray(0, length).toString(), rest: rest.subarray(length) };
}

export function takeReplies(bytes) {
  const replies = [];
  for (let reply = takeReply(bytes); reply; reply = bytes.length ? takeReply(bytes) : undefined) {
    replies.push(reply);
    bytes = reply.rest;
  }
  return replies;
}

// Writes the parts; with `end`, ends its side. Resolves with the replies when there are `replies` of them, or the server
// has closed the connection. For a stream `until` is a text in it: resolves with what came, as one text.
export function exchange(port, parts, { end = false, replies: wanted = 1, until } = {}) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    const socket = connect(port, '127.0.0.1', () => {
      for (const part of [parts].flat()) socket.write(part);
      if (end) socket.end();
    });
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      const bytes = Buffer.concat(pieces);
      resolve(until ? { text: bytes.toString() } : takeReplies(bytes));
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end after ${LIMIT_MS} ms: ${Buffer.concat(pieces).toString('latin1').slice(0, 500)}`));
    }, LIMIT_MS);
    socket.on('data', (bytes) => {
      pieces.push(bytes);
      if (until ? Buffer.concat(pieces).includes(until) : takeReplies(Buffer.concat(pieces)).length >= wanted) finish();
    });
    // A server that has answered may close on bytes that it did not read.
    socket.on('error', finish);
    socket.on('close', finish);
  });
}
