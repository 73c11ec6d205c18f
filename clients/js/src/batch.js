// SPDX-License-Identifier: Apache-2.0
// Puts the writes at the head of a session's queue into one request of NDJSON lines, as after an outage.

// Fewer are sent as fast singly; more would hold back a heartbeat.
const [LEAST, MOST, MOST_BYTES] = [8, 200, 1048576];

// What is said of a step in a put, whatever has become of it: a completion says that the step has ended.
export function putBody(op) {
  op.refer?.(op.body);
  return op.kind === 'complete' ? { completed: true, ...op.body } : op.body;
}

function lineOf(op, isPut) {
  if (isPut) return { ...op.line, op: 'put', ...putBody(op) };
  op.refer?.(op.body);
  return { ...op.line, ...op.body };
}

// { lines, body }, or undefined if they are better sent one by one. `isPut`: as puts.
export function printBatch(ops, isPut) {
  let [lines, bytes] = [0, 0];
  while (lines < ops.length && lines < MOST && ops[lines].line) {
    bytes += ops[lines].bytes;
    if (bytes > MOST_BYTES) break;
    lines++;
  }
  if (lines < LEAST) return undefined;
  const body = ops
    .slice(0, lines)
    .map((op) => JSON.stringify(lineOf(op, isPut)) + '\n')
    .join('');
  return { lines, body };
}
