// SPDX-License-Identifier: Apache-2.0
// The pure parts of clients/js: ids, texts, sources, bodies, retries, and the pace of a growing text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT_BYTES, completeBody, fittingContent, recordBody, startBody } from '../../../clients/js/src/body.js';
import { DEFAULTS, readConfig } from '../../../clients/js/src/config.js';
import { isId, newId } from '../../../clients/js/src/id.js';
import { Progress } from '../../../clients/js/src/progress.js';
import { judge, parseRetryAfter, retryDelay } from '../../../clients/js/src/retry.js';
import { mendSources } from '../../../clients/js/src/sources.js';
import { cleanJson, cleanText, cutText } from '../../../clients/js/src/text.js';

test('an id has its prefix and sorts by time', () => {
  const id = newId('stp_');
  assert.ok(isId(id, 'stp_') && !isId(id, 'ses_') && !isId(`${id}0`, 'stp_'));
  assert.ok(!isId('stp_81M8J7NXV6MC4VV4PMSJD0QJKM', 'stp_'), 'beyond 128 bits');
  assert.notEqual(newId('stp_'), newId('stp_'));
});

test('text is clean, and is cut between code points', () => {
  assert.equal(cleanText('a\0b\ud83d c\udc00'), 'a\ufffdb\ufffd c\ufffd');
  assert.equal(cleanText('🧵'), '🧵');
  assert.equal(cutText('ab🧵', 5), 'ab');
  assert.equal(cutText('ab🧵', 6), 'ab🧵');
  assert.equal(cutText('äöü', 3), 'ä');
});

test('a JSON value is copied with what JSON cannot hold named', () => {
  const circle = { name: 'a\0' };
  circle.self = circle;
  assert.deepEqual(cleanJson(circle), { name: 'a\ufffd', self: '[circular]' });
  assert.deepEqual(cleanJson([1n, NaN, undefined, new Map([['a', 1]]), new Date(0)]), [
    '1',
    null,
    null,
    { a: 1 },
    '1970-01-01T00:00:00.000Z',
  ]);
});

test('sources that cannot be kept are left out and counted', () => {
  const good = { type: 'web', title: 'T', url: 'https://a.example/x y"' };
  const { sources, dropped } = mendSources([
    good,
    { type: 'book', title: 'T' },
    { type: 'web' },
    { ...good, url: 'javascript:alert(1)' },
    { ...good, messageId: 'x' },
    null,
  ]);
  assert.deepEqual(sources, [{ type: 'web', title: 'T', url: 'https://a.example/x%20y%22' }]);
  assert.equal(dropped, 5);
  assert.equal(mendSources(Array.from({ length: 250 }, () => good)).dropped, 50);
});

test('bodies carry their times, and refuse what breaks a rule', () => {
  const start = startBody(newId('stp_'), { type: 'thinking', startedAt: 0 });
  assert.equal(start.startedAt, '1970-01-01T00:00:00.000Z');
  assert.throws(() => startBody(newId('stp_'), { type: 'Bad Type' }), RangeError);
  assert.throws(() => completeBody({ content: [1] }), RangeError);
  assert.throws(() => completeBody({ content: 'x'.repeat(1048577) }), RangeError);
  const { body } = recordBody(newId('stp_'), { type: 'x', content: 'of the start' }, undefined, {
    usage: { inputTokens: -1 },
  });
  assert.equal(body.content, 'of the start');
  assert.deepEqual(JSON.parse(JSON.stringify(body.usage)), {});
  assert.deepEqual(completeBody({ error: new TypeError('no') }).body.error, { code: 'TypeError', message: 'no' });
});

test('answers are judged, and the wait keeps what the server asked for', () => {
  const verdicts = [0, 200, 204, 302, 400, 401, 408, 409, 429, 500, 502, 503, 504, 507].map(judge).join(' ');
  assert.equal(verdicts, 'away done done refused refused refused away refused away broken away away away broken');
  assert.equal(retryDelay(100, 1, undefined, 0), 50);
  assert.equal(retryDelay(100, 99, undefined, 1), 10_000);
  assert.ok(retryDelay(100, 1, 5000, 1) >= 5000);
  assert.ok(retryDelay(100, 1, 3_600_000, 1) < 31_000);
  assert.equal(parseRetryAfter('2'), 2000);
  assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 1000), 4000);
  assert.equal(parseRetryAfter('soon'), undefined);
});

test('the configuration says what is wrong, and never the token', () => {
  const good = { url: 'http://a', workspace: 'ws_0', token: 'secret' };
  assert.equal(readConfig({ ...good, url: 'http://a/' }).url, 'http://a');
  for (const wrong of [
    { url: 'ftp://a' },
    { workspace: 'x' },
    { token: 'sec\nret' },
    { queueLength: -1 },
    { retryMs: NaN },
  ])
    assert.throws(
      () => readConfig({ ...good, ...wrong }),
      (error) => error instanceof TypeError && !/sec/.test(error.message),
    );
});

test('a growing text goes out in pieces that fit together', () => {
  const text = new Progress(DEFAULTS);
  assert.equal(text.due(false), Infinity);
  text.append('ä\ud83e', 0);
  assert.equal(text.due(false), -Infinity, 'the first piece is not held back');
  assert.deepEqual(text.take(0), { content: 'ä', n: 1 });
  text.sent(true);
  text.append('\uddf5!', 10);
  assert.equal(text.due(false), 50);
  assert.deepEqual(text.take(50), { delta: '🧵!', offset: 2, n: 2 });
  text.sent(false);
  // What was lost goes out with the next.
  text.append('?', 60);
  assert.deepEqual(text.take(100), { delta: '🧵!?', offset: 2, n: 3 });
  text.sent(true);
  assert.equal(text.due(false), 250, 'a first checkpoint after a quarter of the time');
  assert.deepEqual(text.take(250), { content: 'ä🧵!?', n: 4, checkpoint: true });
  text.sent(true);
  assert.equal(text.due(false), Infinity);
  text.replace('other', 300);
  assert.deepEqual(text.take(310), { content: 'other', n: 5 });
  text.sent(true);
  text.replace('other words', 320);
  assert.deepEqual(text.take(370), { delta: ' words', offset: 5, n: 6 });
});

test('what a handler records of a tool fits, and what was short in it stays whole', () => {
  const args = { path: 'big.txt' };
  const small = { tool: 'read', args, result: 'short' };
  assert.equal(fittingContent(small), small);
  assert.equal(fittingContent(undefined), undefined);
  assert.equal(fittingContent('x'.repeat(CONTENT_BYTES + 1)).length, CONTENT_BYTES);
  for (const result of [
    'x'.repeat(3 * CONTENT_BYTES),
    '\u0001'.repeat(CONTENT_BYTES),
    { lines: Array(400000).fill('ab') },
  ]) {
    const content = fittingContent({ tool: 'read', args, result });
    assert.deepEqual([content.tool, content.args, content.truncated], ['read', args, true]);
    assert.ok(content.result.length > CONTENT_BYTES / 16);
    assert.ok((typeof result === 'string' ? result : JSON.stringify(result)).startsWith(content.result));
    completeBody({ content });
  }
});
