// SPDX-License-Identifier: Apache-2.0
// FastCGI as bytes (section 3 of its specification): requests as nginx sends them to a program's socket, and malformed
// ones.
import { connect } from 'node:net';
import { giveUpAfter } from '../lib/patience.mjs';

const [BEGIN, PARAMS, STDIN, STDOUT, END] = [1, 4, 5, 6, 3];
const LIMIT_MS = giveUpAfter(10_000);

export function record(type, content = Buffer.alloc(0), { version = 1, id = 1, length = content.length } = {}) {
  return Buffer.concat([
    Buffer.from([version, type, id >> 8, id & 255, length >> 8, length & 255, 0, 0]),
    Buffer.from(content),
  ]);
}

export const begin = (role = 1, options) => record(BEGIN, Buffer.from([0, role, 0, 0, 0, 0, 0, 0]), options);

const size = (n) =>
  n < 128 ? Buffer.from([n]) : Buffer.from([128 | (n >>> 24), (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);

export function params(variables) {
  const parts = Object.entries(variables).flatMap(([name, value]) => {
    const bytes = [Buffer.from(name, 'latin1'), Buffer.from(`${value}`, 'latin1')];
    return [size(bytes[0].length), size(bytes[1].length), ...bytes];
  });
  const all = Buffer.concat(parts);
  const records = [];
  for (let at = 0; at < all.length; at += 65_528) records.push(record(PARAMS, all.subarray(at, at + 65_528)));
  return Buffer.concat([...records, record(PARAMS)]);
}

export const request = (variables, body = '') =>
  Buffer.concat([begin(), params(variables), ...(body ? [record(STDIN, Buffer.from(body))] : []), record(STDIN)]);

function take(bytes) {
  const out = [];
  let ended = false;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 4);
    if (bytes[at + 1] === STDOUT) out.push(bytes.subarray(at + 8, at + 8 + length));
    ended ||= bytes[at + 1] === END;
    at += 8 + length + bytes[at + 6];
  }
  const text = Buffer.concat(out).toString();
  const end = text.indexOf('\r\n\r\n');
  return {
    ended,
    status: Number(/^Status: (\d+)/.exec(text)?.[1]),
    head: text.slice(0, end),
    text: text.slice(end + 4),
  };
}

// Writes the bytes to a socket, ends its side, and resolves with what the program said before the connection ended.
export function ask(path, bytes) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    const socket = connect(path, () => socket.end(bytes));
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(take(Buffer.concat(pieces)));
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end after ${LIMIT_MS} ms`));
    }, LIMIT_MS);
    socket
      .on('data', (more) => pieces.push(more))
      .on('error', finish)
      .on('close', finish);
  });
}
