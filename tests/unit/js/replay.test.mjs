// SPDX-License-Identifier: Apache-2.0
// A trace as it stood at a moment of its own time, on an axis without its idle gaps.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axisNew } from '../../../static/trace/axis.js';
import { replayKnown, replayStep, replayTime, replayTrace } from '../../../static/trace/replay.js';

const meta = (id, startedAt, durationMs, more = {}) => ({ id, startedAt, durationMs, status: 'completed', ...more });
// Three steps, the second within the first, and the third an hour later.
const metas = [meta('a', 1000, 400), meta('b', 1200, 100, { parentId: 'a' }), meta('c', 3_601_400, 200)];
const trace = { metas, byId: new Map(metas.map((one) => [one.id, one])), complete: true };
const axis = axisNew(metas, 3_601_600, true);

const at = (time) => replayTrace(trace, time).metas.map(({ id, status, durationMs }) => [id, status, durationMs]);

test('what had not begun is not there, what had not ended is open', () => {
  assert.deepEqual(at(999), []);
  assert.deepEqual(at(1000), [['a', 'running', 0]]);
  assert.deepEqual(at(1250), [
    ['a', 'running', 250],
    ['b', 'running', 50],
  ]);
  assert.deepEqual(at(1300), [
    ['a', 'running', 300],
    ['b', 'completed', 100],
  ]);
  assert.deepEqual(at(3_601_600), [
    ['a', 'completed', 400],
    ['b', 'completed', 100],
    ['c', 'completed', 200],
  ]);
  assert.equal(replayTrace(trace, 1250).byId.get('b').status, 'running');
});

test('nobody waits through an hour of nothing', () => {
  assert.ok(axis.total < 1000, `${axis.total}`);
  assert.equal(replayTime(axis, trace, 0, false), 1000);
  assert.equal(replayTime(axis, trace, axis.total, false), 3_601_600);
  assert.equal(Math.round(replayTime(axis, trace, 250, false)), 1250);
});

test('without motion only beginnings and ends are shown', () => {
  assert.equal(replayTime(axis, trace, 250, true), 1200);
  assert.equal(replayTime(axis, trace, 310, true), 1300);
  assert.equal(replayTime(axis, trace, axis.total, true), 3_601_600);
});

test('step by step, to the ends and no further', () => {
  const third = axis.total - 200;
  assert.equal(replayStep(axis, trace, 0, 1), 200);
  assert.equal(replayStep(axis, trace, 200, 1), third);
  assert.equal(replayStep(axis, trace, third, 1), axis.total);
  assert.equal(replayStep(axis, trace, axis.total, -1), third);
  assert.equal(replayStep(axis, trace, 100, -1), 0);
});

test('before its end a step holds what it began with, and nothing that came of it', () => {
  const base = { id: 'a', sessionId: 's', stepNumber: 1, startedAt: '2026-01-01T00:00:00Z', startedUs: 1, seq: 4 };
  const outcome = { status: 'failed', error: { code: 'x' }, usage: { inputTokens: 3 }, sources: [{}], durationMs: 400 };
  const known = (step) => replayKnown({ ...base, ...outcome, ...step }, replayTrace(trace, 1250).byId.get('a'));
  const call = { stepType: 'tool_call', content: { tool: 'bash', args: { command: 'ls' }, result: 'out', exit: 1 } };
  assert.deepEqual(known(call), {
    ...base,
    stepType: 'tool_call',
    status: 'running',
    content: { tool: 'bash', args: { command: 'ls' } },
  });
  const contents = (stepType, content, more) => known({ stepType, content, ...more }).content;
  assert.deepEqual(contents('web_search', { query: 'q', resultCount: 3 }), { query: 'q' });
  assert.equal(contents('visit_page', 'https://example.com/'), 'https://example.com/');
  assert.deepEqual(contents('approval', { question: 'May I?', decision: {} }), { question: 'May I?' });
  for (const type of ['thinking', 'message_sent', 'tool_call', 'made_up'])
    assert.equal(contents(type, 'words'), undefined);
  assert.equal(contents('web_search', '{"query":"a be', { truncated: true }), undefined);
  // What has ended is shown as it ended.
  const ended = { ...base, ...outcome, ...call };
  assert.equal(replayKnown(ended, replayTrace(trace, 1400).byId.get('a')), ended);
});
