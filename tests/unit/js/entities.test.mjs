// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { mergeMessage, mergeSession, mergeStep, stepStatus } from '../../../static/store/entities.js';
import { liveApply, utf8Length } from '../../../static/store/live.js';

const session = (lastSeq, status) => ({ id: 's', lastSeq, status });
const step = (seq, status, more = {}) => ({ id: 'p', seq, status, ...more });

test('a session: the higher counter is newer, an end is final', () => {
  const cases = [
    [session(4, 'running'), session(5, 'running'), 5, 'running'],
    [session(5, 'running'), session(4, 'running'), 5, 'running'],
    [session(5, 'running'), session(5, 'completed'), 5, 'completed'],
    [session(5, 'completed'), session(5, 'running'), 5, 'completed'],
    [session(5, 'completed'), session(9, 'running'), 5, 'completed'],
    [session(5, 'failed'), session(6, 'failed'), 6, 'failed'],
    [undefined, session(1, 'pending'), 1, 'pending'],
  ];
  for (const [held, next, lastSeq, status] of cases) {
    const merged = mergeSession(held, next);
    assert.deepEqual([merged.lastSeq, merged.status], [lastSeq, status]);
  }
});

test('a session keeps the metadata that an event or a list leaves out, as long as it has some', () => {
  const whole = { ...session(4, 'running'), hasMetadata: true, metadata: { a: 1 } };
  const brief = (lastSeq, status = 'running') => ({ ...session(lastSeq, status), hasMetadata: true });
  assert.deepEqual(mergeSession(whole, brief(5, 'completed')), { ...whole, lastSeq: 5, status: 'completed' });
  assert.deepEqual(mergeSession(brief(5), whole), { ...whole, lastSeq: 5 });
  assert.deepEqual(mergeSession(whole, { ...brief(5), metadata: { b: 2 } }).metadata, { b: 2 });
  assert.equal(mergeSession(whole, session(5, 'running')).metadata, undefined);
});

test('a step: completion is final, whole text beats cut text', () => {
  assert.equal(mergeStep(step(3, 'completed'), step(2, 'running')).status, 'completed');
  assert.equal(mergeStep(step(2, 'running'), step(3, 'failed')).status, 'failed');
  const whole = step(3, 'completed', { content: 'long' });
  assert.equal(mergeStep(whole, step(3, 'completed', { truncated: true })), whole);
  assert.equal(mergeStep(step(3, 'running', { content: 'a' }), step(3, 'running', { content: 'ab' })).content, 'ab');
});

test('what an event cut does not replace the whole', () => {
  const whole = step(3, 'completed', { sources: [1, 2] });
  assert.equal(mergeStep(whole, step(3, 'completed', { sources: [1], sourcesTruncated: true })), whole);
  const held = { id: 'm', version: 2, content: 'long text', sources: [1, 2], replyCount: 0 };
  const next = { id: 'm', version: 2, content: 'long', contentLength: 9, truncated: true, sources: [1], replyCount: 1 };
  assert.deepEqual(mergeMessage(held, { ...next, sourcesTruncated: true }), { ...held, replyCount: 1 });
  assert.deepEqual(mergeMessage(held, { ...next, version: 3 }), { ...next, version: 3 });
  assert.deepEqual(mergeMessage(next, { ...held }), held);
});

test('a message by its version', () => {
  assert.equal(mergeMessage({ version: 2 }, { version: 1 }).version, 2);
  assert.equal(mergeMessage({ version: 2 }, { version: 3 }).version, 3);
});

test('open in an ended session is interrupted', () => {
  assert.equal(stepStatus(step(1, 'running'), session(2, 'failed')), 'interrupted');
  assert.equal(stepStatus(step(1, 'running'), session(2, 'running')), 'running');
  assert.equal(stepStatus(step(1, 'completed'), session(2, 'failed')), 'completed');
});

test('bytes of UTF-8', () => {
  for (const text of ['', 'abc', 'naïve', '日本', 'a😀b', '€']) assert.equal(utf8Length(text), Buffer.byteLength(text));
});

test('live text: append at the end, drop repetitions, wait beyond a hole', () => {
  let entry = liveApply(undefined, { delta: 'Grü', offset: 0 });
  assert.deepEqual(entry, { text: 'Grü', bytes: 4 });
  assert.equal(liveApply(entry, { delta: 'Grü', offset: 0 }), entry);
  assert.equal(liveApply(entry, { delta: 'x', offset: 9 }), entry);
  entry = liveApply(entry, { delta: '😀', offset: 4 });
  assert.deepEqual(entry, { text: 'Grü😀', bytes: 8 });
  assert.deepEqual(liveApply(entry, { content: 'whole' }), { text: 'whole', bytes: 5 });
  assert.equal(liveApply(undefined, { delta: 'x', offset: 3 }), undefined);
});
