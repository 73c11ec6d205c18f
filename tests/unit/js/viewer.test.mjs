// SPDX-License-Identifier: Apache-2.0
// The pure parts of the viewer: order, tree, axis, lines, differences, pictures.
import assert from 'node:assert/strict';
import test from 'node:test';
import { compareTexts, isUnifiedDiff, readUnified } from '../../../static/content/diff.js';
import { linesOf } from '../../../static/content/lines.js';
import { pictureHead, pictureText } from '../../../static/content/pictures.js';
import { pathOf, valueFind } from '../../../static/content/value.js';
import { mergeSession, mergeStep } from '../../../static/store/entities.js';
import { metaOf, outlineMetas, traceMerge, traceNew } from '../../../static/store/trace.js';
import {
  axisLabels,
  axisNew,
  axisPlace,
  axisTicks,
  axisTickText,
  axisTime,
  viewZoom,
} from '../../../static/trace/axis.js';
import { nestsVisible } from '../../../static/trace/nests.js';
import { treeBuild, treeErrorFrom, treeOnly, treePath, treeRows, treeSum } from '../../../static/trace/tree.js';
import { stepTitle } from '../../../static/trace/titles.js';
import { windowOnlyGrew } from '../../../static/trace/window.js';

const stepAt = (stepNumber, startedUs, more = {}) => ({
  id: `stp_${stepNumber}`,
  stepNumber,
  stepType: 'tool_call',
  status: 'completed',
  startedAt: new Date(startedUs / 1000).toISOString(),
  startedUs,
  seq: stepNumber,
  ...more,
});
const idsOf = (trace) => trace.metas.map((meta) => meta.id);

test('steps stand by start and number; one that is filled in moves to its place', () => {
  let trace = traceNew();
  for (const step of [stepAt(1, 1000_000), stepAt(2, 3000_000), stepAt(3, 2000_000), stepAt(4, 3000_000)])
    trace = traceMerge(trace, [metaOf(step)]);
  assert.deepEqual(idsOf(trace), ['stp_1', 'stp_3', 'stp_2', 'stp_4']);
  trace = traceMerge(trace, [metaOf(stepAt(4, 500_000, { seq: 9 }))]);
  assert.deepEqual(idsOf(trace), ['stp_4', 'stp_1', 'stp_3', 'stp_2']);
  trace = traceMerge(trace, [metaOf(stepAt(4, 9000_000, { seq: 2 }))]);
  assert.equal(idsOf(trace)[0], 'stp_4', 'an older copy moves nothing');
  const whole = traceMerge(traceNew(), [stepAt(2, 3), stepAt(1, 3), stepAt(3, 1)].map(metaOf));
  assert.deepEqual(idsOf(whole), ['stp_3', 'stp_1', 'stp_2']);
});

test('an outline tells microseconds and parents by id, in whatever order its columns are', () => {
  const columns = [
    'id',
    'number',
    'type',
    'status',
    'startedMs',
    'durationMs',
    'messageId',
    'seq',
    'startedUs',
    'parentId',
  ];
  const steps = [
    ['a', 1, 't', 'completed', 5, 1, null, 1, 5001, 'promised'],
    ['b', 2, 't', 'completed', 6, 1, null, 2, 6002, null],
  ];
  const [first, second] = outlineMetas({ session: { id: 'ses_1' }, lastSeq: 2, columns, steps });
  assert.deepEqual([first.parentId, first.startedUs], ['promised', 5001]);
  assert.deepEqual([second.parentId, second.startedUs], [undefined, 6002]);
});

test('the next error is by the order of the trace, whatever else is selected or read meanwhile', () => {
  const at = (id, startedUs) => ({ id, number: Number(id), startedUs });
  const errors = [at('2', 20), at('4', 40), at('3', 60)];
  const next = (from, by) => treeErrorFrom(errors, from, by)?.id;
  assert.deepEqual([next(undefined, 1), next(undefined, -1)], ['2', '3']);
  assert.deepEqual([next(errors[0], 1), next(errors[1], 1), next(errors[2], 1)], ['4', '3', '2']);
  assert.deepEqual([next(errors[0], -1), next(errors[2], -1)], ['3', '4']);
  assert.deepEqual([next(at('1', 30), 1), next(at('9', 30), -1), next(at('9', 70), 1)], ['4', '2', '2']);
  assert.equal(treeErrorFrom([], errors[0], 1), undefined);
});

test('what is only added at the end moves no row', () => {
  assert.ok(windowOnlyGrew([], ['a']) && windowOnlyGrew(['a'], ['a']) && windowOnlyGrew(['a'], ['a', 'b']));
  assert.ok(!windowOnlyGrew(['a', 'b'], ['a', 'c', 'b']) && !windowOnlyGrew(['a', 'b'], ['a']));
});

test('only what the system ended runs again', () => {
  const ended = (code) => ({ id: 's', status: 'failed', lastSeq: 5, error: { code } });
  const running = (lastSeq) => ({ id: 's', status: 'running', lastSeq });
  assert.equal(mergeSession(ended('heartbeat_lost'), running(6)).status, 'running');
  assert.equal(mergeSession(ended('source_silent'), running(6)).status, 'running');
  assert.equal(mergeSession(ended('heartbeat_lost'), running(5)).status, 'failed');
  assert.equal(mergeSession(ended('model_error'), running(6)).status, 'failed');
  const step = (status, seq) => ({ id: 'x', status, seq });
  assert.equal(mergeStep(step('interrupted', 3), step('running', 3)).status, 'running');
  assert.equal(mergeStep(step('completed', 3), step('running', 4)).status, 'completed');
});

const metas = [
  ['a', undefined],
  ['b', 'a'],
  ['c', 'b', { status: 'failed' }],
  ['d', 'a', { status: 'running', durationMs: undefined }],
  ['e', 'missing'],
  ['x', 'y'],
  ['y', 'x'],
].map(([id, parentId, more], index) => ({
  id,
  parentId,
  number: index + 1,
  type: 'tool_call',
  status: 'completed',
  startedAt: 1000 * index,
  startedUs: 1e6 * index,
  durationMs: 500,
  seq: index,
  ...more,
}));
const byId = new Map(metas.map((meta) => [meta.id, meta]));

test('a tree nests, sums what is below, keeps what has no parent yet, and survives a circle', () => {
  const tree = treeBuild(metas, byId, (id) => (id === 'c' ? { inputTokens: 5, outputTokens: 2 } : undefined));
  const rows = treeRows(tree, () => false);
  assert.deepEqual(
    rows.map((row) => [row.meta.id, row.depth]),
    [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 1],
      ['e', 0],
      ['x', 0],
      ['y', 0],
    ],
  );
  const { errors, open, tokens } = tree.sums.get('a');
  assert.deepEqual([errors, open, tokens], [1, 1, 7]);
  assert.deepEqual(
    treeRows(tree, (meta) => meta.id === 'b').map((row) => row.meta.id),
    ['a', 'b', 'd', 'e', 'x', 'y'],
  );
  const only = treeOnly(tree, metas, byId, (meta) => meta.status === 'failed');
  assert.deepEqual(
    treeRows(only, () => false).map((row) => row.meta.id),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    treePath(byId.get('c'), byId).map((meta) => meta.id),
    ['a', 'b'],
  );
});

// A map that counts how often it is asked.
class Counting extends Map {
  asked = 0;

  get(key) {
    this.asked += 1;
    return super.get(key);
  }
}

test('a chain of fifty thousand steps is followed once, not once for each of them', () => {
  const count = 50_000;
  const chain = Array.from({ length: count }, (_, i) => ({
    ...metas[0],
    id: `n${i}`,
    parentId: i ? `n${i - 1}` : undefined,
  }));
  // The same chain, closed to a circle.
  const circle = chain.map((meta) => ({ ...meta, parentId: meta.parentId ?? `n${count - 1}` }));
  const mapOf = (list) => new Counting(list.map((meta) => [meta.id, meta]));
  const few = count * 4;
  const held = mapOf(chain);
  const tree = treeBuild(chain, held, () => undefined);
  assert.ok(held.asked < few, `${held.asked}`);
  assert.equal(treeRows(tree, () => false).at(-1).depth, count - 1);
  assert.equal(treePath(chain.at(-1), held).length, count - 1);
  held.asked = 0;
  assert.deepEqual(
    nestsVisible(chain, held, new Set(['n1'])).map(({ id }) => id),
    ['n0', 'n1'],
  );
  assert.ok(held.asked < few, `${held.asked}`);
  const closed = mapOf(circle);
  assert.equal(treeBuild(circle, closed, () => undefined).roots.length, count);
  assert.equal(nestsVisible(circle, closed, new Set(['absent'])).length, count);
  assert.equal(treePath(circle[0], closed).length, count);
  assert.ok(closed.asked < 3 * few, `${closed.asked}`);
});

test('a tree of many steps asks what was spent of those alone whose sum is shown', () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    metaOf(stepAt(i + 1, i * 1000, i > 0 && i <= 3 ? { parentStepId: 'stp_1' } : {})),
  );
  const asked = [];
  const usageOf = (id) => {
    asked.push(id);
    return { inputTokens: 2, outputTokens: 3 };
  };
  const tree = treeBuild(many, new Map(many.map((meta) => [meta.id, meta])), usageOf);
  assert.deepEqual(asked.sort(), ['stp_1', 'stp_2', 'stp_3', 'stp_4']);
  assert.equal(treeSum(tree, many[0]).tokens, 20);
  assert.equal(treeSum(tree, many[9_999]).tokens, 5);
  const rows = treeRows(tree, () => false);
  assert.equal(rows.length, 10_000);
  assert.deepEqual(
    rows.slice(0, 5).map(({ depth, size, place, children }) => [depth, size, place, children]),
    [
      [0, 9997, 1, 3],
      [1, 3, 1, 0],
      [1, 3, 2, 0],
      [1, 3, 3, 0],
      [0, 9997, 2, 0],
    ],
  );
});

test('the axis compresses idle gaps and finds its way back', () => {
  const spans = [0, 100, 60000, 60100].map((at, index) => ({
    ...metas[0],
    id: `${index}`,
    startedAt: at,
    durationMs: 100,
  }));
  const whole = axisNew(spans, 0, false);
  assert.equal(whole.total, 60200);
  assert.ok(whole.idle > 0.9);
  const short = axisNew(spans, 0, true);
  assert.ok(short.total < 600);
  for (const axis of [whole, short])
    for (const time of [0, 50, 150, 60050, 60199])
      assert.ok(Math.abs(axisTime(axis, axisPlace(axis, time)) - time) < 1e-6);
  const ticks = axisTicks(whole, { from: 0, to: whole.total }, 7);
  assert.ok(ticks.length >= 4 && ticks.length <= 8);
  assert.equal(ticks[0].after, 0);
  const near = viewZoom({ from: 0, to: 1000 }, 1000, 0.5, 1000);
  assert.deepEqual(near, { from: 500, to: 1000 });
  assert.deepEqual(viewZoom(near, 1000, 10, 750), { from: 0, to: 1000 });
});

test('a tick says no unit that is nothing, and is told from its neighbours', () => {
  const texts = (step, ...afters) => afters.map((after) => axisTickText(after, step));
  assert.deepEqual(texts(60000, 0, 60000, 300000, 3600000, 5400000), ['0', '1 m', '5 m', '1 h', '1 h 30 m']);
  assert.deepEqual(texts(5000, 5000, 60000, 65000, 605000), ['5 s', '1 m', '1 m 5 s', '10 m 5 s']);
  assert.deepEqual(texts(10000, 3600000, 3730000), ['1:00:00', '1:02:10']);
  assert.deepEqual(texts(100, 900, 1000, 1100, 61500, 3661500), ['900 ms', '1.0 s', '1.1 s', '1 m 1.5 s', '1:01:01.5']);
  assert.deepEqual(texts(1, 999, 1001, 1002), ['999 ms', '1.001 s', '1.002 s']);
});

test('the last tick of a short axis has its text, left of its line where it would be cut', () => {
  const labels = (length, width) =>
    axisLabels(
      axisNew([{ ...metaOf(stepAt(1, 0)), startedAt: 0, durationMs: length }], 0, false),
      { from: 0, to: length },
      width,
    );
  const texts = (all) => all.map(({ text, isBefore }) => (isBefore ? `<${text}` : text));
  assert.deepEqual(texts(labels(12400, 260)), ['0', '5 s', '10 s']);
  assert.deepEqual(texts(labels(10100, 260)), ['0', '5 s', '<10 s']);
  assert.deepEqual(texts(labels(10100, 70)), ['0', '<10 s']);
  assert.deepEqual(texts(labels(10100, 40)), ['0', '']);
});

test('output shows its colours, and what would hide is named', () => {
  const [first, second] = linesOf('\u001b[1;31mred\u001b[0m\u0007 \u202etxt\r\n\u001b[38;5;196mx\u001b[48;2;1;2;3my');
  assert.deepEqual(first[0], { text: 'red', style: { bold: true, fg: 1 } });
  assert.deepEqual(
    first.filter((segment) => segment.control).map((segment) => segment.text),
    ['BEL', 'RLO'],
  );
  assert.deepEqual(second[0].style, { fg: 'rgb(255 0 0)' });
  assert.deepEqual(second[1].style, { fg: 'rgb(255 0 0)', bg: 'rgb(1 2 3)' });
  assert.deepEqual(linesOf('a\n\nb\n'), [[{ text: 'a' }], [], [{ text: 'b' }]]);
  assert.equal(
    linesOf('\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007')[0]
      .map(({ text }) => text)
      .join(''),
    'link',
  );
});

test('differences are the lines that differ', () => {
  const signs = (lines) => lines.map(({ sign, text }) => sign + text);
  assert.deepEqual(signs(compareTexts('a\nb\nc', 'a\nx\nc\nd')), [' a', '-b', '+x', ' c', '+d']);
  assert.deepEqual(signs(compareTexts('same', 'same')), [' same']);
  const unified = '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n';
  assert.ok(isUnifiedDiff(unified));
  assert.ok(!isUnifiedDiff('- a list\n- of things'));
  assert.deepEqual(signs(readUnified(unified)), ['#--- a/x', '#+++ b/x', '@@@ -1,2 +1,2 @@', ' a', '-b', '+c']);
});

test('a picture is known by its first bytes and bounded by its head', () => {
  const png = (width, height) => {
    const bytes = new Uint8Array(40);
    bytes.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
    new DataView(bytes.buffer).setUint32(16, width);
    new DataView(bytes.buffer).setUint32(20, height);
    return bytes;
  };
  assert.deepEqual(pictureHead(png(3, 4)), { type: 'image/png', width: 3, height: 4 });
  assert.equal(pictureHead(png(100000, 100000)), null);
  assert.equal(pictureHead(png(0, 5)), null);
  assert.equal(pictureHead(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"></svg>')), null);
  assert.equal(pictureText('data:image/svg+xml;base64,PHN2Zz4='), 'PHN2Zz4=');
  assert.equal(pictureText('https://example.org/x.png'), undefined);
  assert.equal(pictureText({ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }), 'AA');
});

test('a value is searched by key and text, and paths can be copied', () => {
  const value = { a: { 'b c': [1, 'Needle'] }, needle: null };
  assert.deepEqual(valueFind(value, 'needle'), [
    ['$.a["b c"][1]', 'Needle'],
    ['$.needle', null],
  ]);
  assert.equal(pathOf('$', 'x-y'), '$["x-y"]');
});

test('a row says what the step did', () => {
  for (const [step, title] of [
    [{ stepType: 'tool_call', content: { tool: 'bash', args: { command: 'ls\n-l' } } }, 'bash ls -l'],
    [{ stepType: 'web_search', content: { query: 'cranes' } }, 'cranes'],
    [{ stepType: 'visit_page', content: { url: 'https://x.example', title: 'X' } }, 'X'],
    [{ stepType: 'thinking', content: '# So\nthen **go**' }, 'So then go'],
    [{ stepType: 'tool_call', name: 'grep', content: { pattern: 'x' } }, 'grep x'],
    [{ stepType: 'tool_call', name: 'grep', content: { tool: 'grep', args: { pattern: 'x' } } }, 'grep x'],
    [{ stepType: 'other', content: null }, ''],
    [{ stepType: 'thinking', error: { code: 'model_error', message: 'The model is away.' } }, 'The model is away.'],
    [
      { stepType: 'context_received', content: { messages: [{ text: 'no' }, { text: 'Why?', trigger: true }] } },
      'Why?',
    ],
  ])
    assert.equal(stepTitle(step), title);
});
