// SPDX-License-Identifier: Apache-2.0
// Which step of one session stands beside which of another.
import assert from 'node:assert/strict';
import test from 'node:test';
import { alignSteps, pairDiffers, stepText } from '../../../static/trace/compare-align.js';
import { ExactNumber } from '../../../static/exact.js';
import { compareChange } from '../../../static/trace/compare.js';
import { formatCost } from '../../../static/trace/facts.js';

const step = (stepType, name, content, more = {}) => ({
  id: `${stepType} ${name} ${content}`,
  stepType,
  name,
  content,
  status: 'completed',
  ...more,
});
const shown = (pairs) => pairs.map(({ left, right }) => `${left?.name ?? '-'} ${right?.name ?? '-'}`);

test('steps of the same type and name stand beside each other in the order of both', () => {
  const list = (...names) => names.map((name) => step('tool_call', name, name));
  assert.deepEqual(shown(alignSteps(list('a', 'b', 'c'), list('a', 'b', 'c'))), ['a a', 'b b', 'c c']);
  assert.deepEqual(shown(alignSteps(list('a', 'c'), list('a', 'b', 'c'))), ['a a', '- b', 'c c']);
  assert.deepEqual(shown(alignSteps(list('a', 'b', 'c'), list('c'))), ['a -', 'b -', 'c c']);
  assert.deepEqual(shown(alignSteps([], list('a'))), ['- a']);
  assert.deepEqual(shown(alignSteps([], [])), []);
});

test('between two pairs another tool stands beside the one that it replaced, another type alone', () => {
  const [a, read, write, think] = [
    step('tool_call', 'a'),
    step('tool_call', 'read'),
    step('tool_call', 'write'),
    step('thinking', 'think'),
  ];
  assert.deepEqual(shown(alignSteps([a, read, think], [a, write, think])), ['a a', 'read write', 'think think']);
  assert.deepEqual(shown(alignSteps([a, think], [a, write])), ['a a', 'think -', '- write']);
  assert.deepEqual(shown(alignSteps([think, read], [write])), ['think -', 'read write']);
});

test('every step stands there once, in its order, whatever the two are', () => {
  let state = 7;
  const random = (n) => (state = (state * 1664525 + 1013904223) % 2 ** 32) % n;
  for (let turn = 0; turn < 200; turn++) {
    const list = (side) =>
      Array.from({ length: random(12) }, (_, i) => ({
        ...step(['x', 'y'][random(2)], 'abc'[random(3)]),
        id: `${side}${i}`,
      }));
    const [left, right] = [list('l'), list('r')];
    const pairs = alignSteps(left, right);
    assert.deepEqual(
      pairs.flatMap((pair) => pair.left ?? []),
      left,
    );
    assert.deepEqual(
      pairs.flatMap((pair) => pair.right ?? []),
      right,
    );
    for (const pair of pairs) if (pair.left && pair.right) assert.equal(pair.left.stepType, pair.right.stepType);
  }
});

test('a tool is named by its step or by its content', () => {
  const pairs = alignSteps([step('tool_call', undefined, { tool: 'read' })], [step('tool_call', 'read')]);
  assert.equal(pairs.length, 1);
});

test('a pair differs by what it says, its error, its state, and by being alone', () => {
  const one = step('thinking', 'a', 'x');
  assert.equal(pairDiffers({ left: one, right: { ...one, id: 'other', durationMs: 7 } }), false);
  assert.equal(pairDiffers({ left: one, right: { ...one, content: 'y' } }), true);
  assert.equal(pairDiffers({ left: one, right: { ...one, status: 'failed', error: { message: 'm' } } }), true);
  assert.equal(pairDiffers({ left: one }), true);
  assert.equal(
    stepText({ ...one, content: { a: [1] }, error: { code: 'c', message: 'm' } }),
    '{\n  "a": [\n    1\n  ]\n}\nc: m',
  );
});

test('costs that are equal differ in nothing, however they are written', () => {
  const [ten, same, more] = ['0.10', '0.10', '0.20'].map((text) => new ExactNumber(text));
  assert.equal(compareChange(ten, same, formatCost), '');
  assert.equal(compareChange(ten, more, formatCost), '+$0.100 (+100 %)');
  assert.equal(compareChange(more, ten, formatCost), '−$0.100 (−50 %)');
  assert.equal(compareChange(undefined, ten, formatCost), '');
});
