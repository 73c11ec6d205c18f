// SPDX-License-Identifier: Apache-2.0
// What statistics must say, counted from the rows of sessions and steps.
import assert from 'node:assert/strict';

const rank = (values, q) => values.sort((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];
export const sum = (values) => values.reduce((a, b) => a + Number(b ?? 0), 0);
export function isNear(told, values) {
  if (values.length === 0) return assert.equal(told, undefined);
  for (const [name, q] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ]) {
    const exact = rank(values, q);
    assert.ok(Math.abs(told[name] - exact) <= 0.02 * exact + 1, `${name} ${told[name]}, not ${exact}`);
  }
  return undefined;
}

export function checkCounts(row, list, steps) {
  const ended = list.filter(({ status }) => !['pending', 'running'].includes(status));
  const of = (status) => list.filter((one) => one.status === status).length;
  assert.deepEqual(
    [row.sessions, row.completed, row.failed, row.cancelled, row.steps],
    [list.length, of('completed'), of('failed'), of('cancelled'), sum(ended.map(({ step_count }) => step_count))],
  );
  for (const [name, column] of [
    ['inputTokens', 'input_tokens'],
    ['outputTokens', 'output_tokens'],
    ['costUsd', 'cost_usd'],
  ])
    assert.ok(Math.abs((row[name] ?? 0) - sum(ended.map((one) => one[column]))) < 1e-6, name);
  isNear(
    row.durationMs,
    ended.map(({ began, ended: end }) => Math.max(0, Math.round(end - began))),
  );
  const firsts = ended.flatMap(({ id, created, began }) => {
    const starts = steps.filter(({ session_id }) => session_id === id).map((step) => Number(step.began));
    return starts.length > 0 ? [Math.max(0, Math.round(Math.min(...starts) - Math.min(created, began)))] : [];
  });
  isNear(row.firstStepMs, firsts);
}

export const grouped = (list, by) =>
  Map.groupBy
    ? Map.groupBy(list, by)
    : list.reduce((map, one) => map.set(by(one), [...(map.get(by(one)) ?? []), one]), new Map());

export const message = (text) => text.split('\n')[0].replace(/\d+/g, '#');
export const toolOf = ({ step_type: type, name, content }) =>
  type === 'web_search' ? type : type === 'tool_call' ? (name ?? JSON.parse(content).tool) : undefined;
