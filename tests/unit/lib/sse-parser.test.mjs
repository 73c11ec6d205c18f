// SPDX-License-Identifier: Apache-2.0
// The tests' own event stream parser: were it wrong, every test built on it would be.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Parser } from '../../lib/sse-parser.mjs';

// Bytes, and what a browser dispatches for them: [type, data, id].
const cases = [
  ['one event', 'data: a\n\n', [['message', 'a', '']]],
  ['type and id', 'event: e\nid: 7\ndata: x\n\n', [['e', 'x', '7']]],
  ['lines of data', 'data: a\ndata:b\ndata:  c\n\n', [['message', 'a\nb\n c', '']]],
  ['no data, no event, but its id counts', 'id: 3\nevent: e\n\ndata: x\n\n', [['message', 'x', '3']]],
  ['comments and unknown fields', ': c\nfoo: bar\ndata: a\n:\n\n', [['message', 'a', '']]],
  [
    'CR and CRLF',
    'data: a\r\rdata: b\r\n\r\n',
    [
      ['message', 'a', ''],
      ['message', 'b', ''],
    ],
  ],
  ['a field without a colon', 'data\n\n', [['message', '', '']]],
  ['an id with NUL is none', 'id: a\0b\ndata: x\n\n', [['message', 'x', '']]],
  [
    'an empty id resets it',
    'id: 1\ndata: a\n\nid\ndata: b\n\n',
    [
      ['message', 'a', '1'],
      ['message', 'b', ''],
    ],
  ],
  ['a byte order mark', '\ufeffdata: a\n\n', [['message', 'a', '']]],
  ['what is not ended is not dispatched', 'data: a\n', []],
  ['beyond ASCII', 'data: Ariadne\u2019s 🧵\n\n', [['message', 'Ariadne\u2019s 🧵', '']]],
];

function parse(pieces) {
  const events = [];
  const parser = new Parser({ dispatch: ({ type, data, id }) => events.push([type, data, id]) });
  for (const piece of pieces) parser.push(piece);
  return events;
}

for (const [name, text, expected] of cases)
  test(`${name}, split anywhere`, () => {
    const bytes = Buffer.from(text);
    assert.deepEqual(parse([bytes]), expected);
    for (let at = 1; at < bytes.length; at++)
      assert.deepEqual(parse([bytes.subarray(0, at), bytes.subarray(at)]), expected, `split at ${at}`);
    assert.deepEqual(parse([...bytes].map((byte) => Buffer.from([byte]))), expected, 'byte by byte');
  });

test('a block without data is told of', () => {
  const empty = [];
  const parser = new Parser({ dispatch: () => {}, empty: (lines) => empty.push(lines) });
  parser.push(Buffer.from('retry: 1\n\n\nid: 1\nevent: a\n\nretry: 1\ndata: x\n\n:\n\n'));
  assert.deepEqual(empty, [1, 2, 1]);
});

test('retry takes digits only', () => {
  const times = [];
  const parser = new Parser({ dispatch: () => {}, retry: (ms) => times.push(ms) });
  parser.push(Buffer.from('retry: 1500\nretry: 1s\nretry: -1\n\n'));
  assert.deepEqual(times, [1500]);
});
