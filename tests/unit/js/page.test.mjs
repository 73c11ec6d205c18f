// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { cutCharacters, cutText, firstCharacter, gatherBlocks, splitBlocks } from '../../../static/blocks.js';
import { failureText } from '../../../static/trace/phase.js';
import { stepTitle } from '../../../static/trace/titles.js';
import { routeOf, safeNext, urlWith } from '../../../static/router.js';
import {
  clockSample,
  formatCount,
  formatDuration,
  formatElapsed,
  formatWhen,
  serverNow,
} from '../../../static/time.js';

test('routes', () => {
  assert.equal(routeOf('/').name, 'home');
  assert.deepEqual(routeOf('/w/ws_1/s/str_2', '?thread=str_3&m=msg_4').query, { thread: 'str_3', m: 'msg_4' });
  assert.equal(routeOf('/w/ws_1/sessions').name, 'sessions');
  assert.equal(routeOf('/w/ws_1').name, 'workspace');
  assert.equal(routeOf('/nowhere').name, 'unknown');
});

test('a panel is a change of the query', () => {
  const route = routeOf('/w/a/s/b', '?thread=c');
  assert.equal(urlWith(route, { trace: 'ses_1', highlight: null }), '/w/a/s/b?thread=c&trace=ses_1');
  assert.equal(urlWith(route, { thread: null }), '/w/a/s/b');
});

test('signing in returns to our own paths only', () => {
  for (const good of ['/', '/w/a?x=1', '/w/a/trace/b/c#L120', '/w/a/search?q=//b', '/w/a/search?q=%09%2F\\'])
    assert.equal(safeNext(good), good);
  for (const bad of [
    'https://evil.example',
    'javascript:alert(1)',
    'w/a',
    '',
    undefined,
    '/login?next=/',
    '/w/../login',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r/evil.example',
    '\t//evil.example',
    '/\t\\evil.example',
    '/\n\t\r/evil.example',
    ' //evil.example',
    '/.//evil.example',
    '/w/..//evil.example',
    '/w/..\\\\evil.example',
    '//[evil',
  ])
    assert.equal(safeNext(bad), '/', JSON.stringify(bad));
});

test('what is cut to fit is cut between characters as readers see them', () => {
  const [family, flag, accent] = ['👨‍👩‍👧', '🇬🇷', 'e\u0301'];
  assert.deepEqual(['Ada', family, `${flag}x`, accent, ''].map(firstCharacter), ['A', family, flag, accent, '']);
  for (const character of [family, flag, accent, '𝒳'])
    for (let length = 1; length <= 12; length += 1) {
      const cut = cutCharacters(character.repeat(8), length);
      assert.ok(cut.length % character.length === 0 || cut.length < character.length, JSON.stringify([cut, length]));
      assert.ok(cut.length <= Math.max(length, character.length));
    }
  assert.equal(cutCharacters('short', 5), 'short');
  const long = '𝒳'.repeat(200);
  for (const text of [
    failureText({ message: `a${long}` }),
    failureText({ message: long }),
    stepTitle({ stepType: 'thinking', content: `a${long}` }),
    stepTitle({ stepType: 'thinking', content: long }),
  ])
    assert.ok(text.isWellFormed() && text.endsWith('…'), text);
});

test('durations', () => {
  const cases = [
    [840, '840 ms'],
    [6300, '6.3 s'],
    [72000, '1 m 12 s'],
    [59960, '1 m 0 s'],
    [3720000, '1 h 2 m'],
    [0, '0 ms'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
  assert.equal(formatElapsed(4290), '4.2 s');
  assert.equal(formatElapsed(72900), '1 m 12 s');
});

test('counts and days', () => {
  assert.deepEqual([0, 999, 1000, 65536, 1234567].map(formatCount), ['0', '999', '1,000', '65,536', '1,234,567']);
  const at = new Date(2026, 2, 5, 14, 3);
  assert.equal(formatWhen(at.toISOString(), new Date(2026, 2, 5, 15).getTime()), '14:03');
  assert.equal(formatWhen(at.toISOString(), new Date(2026, 2, 6, 15).getTime()), '5 Mar, 14:03');
});

test('the clock follows the server, smoothly', () => {
  const now = Date.now();
  clockSample(now + 60000, now, now);
  const before = Date.now();
  const ahead = serverNow() - 60000;
  assert.ok(ahead > before - 20 && ahead < Date.now() + 20);
  clockSample(now + 60100, now, now);
  assert.ok(serverNow() - Date.now() < 60060);
  clockSample(Number.NaN, now, now);
  assert.ok(-Date.now() + serverNow() > 59900);
});

test('blocks end at blank lines outside fences, lists and quotes', () => {
  const join = (text) => assert.equal(splitBlocks(text).join(''), text);
  for (const text of ['', 'a', 'a\n\nb', '```\na\n\nb\n```\n\nc', '- a\n\n- b\n\nc', '> a\n\n> b']) join(text);
  assert.deepEqual(splitBlocks('a\n\nb\nc\n\n\nd'), ['a\n\n', 'b\nc\n\n\n', 'd']);
  assert.equal(splitBlocks('```js\na\n\nb\n```\n\nc').length, 2);
  assert.equal(splitBlocks('- a\n\n  more\n\n- b').length, 1);
  assert.equal(splitBlocks('```\nnever closed\n\nmore').length, 1);
});

test('a long text is cut at the end of a line or word, never inside a character', () => {
  assert.equal(cutText('short', 10), 'short');
  assert.equal(cutText('one line\nand more', 10), 'one line');
  assert.equal(cutText('words and words', 10), 'words and');
  assert.equal(cutText('a\nverylongwithoutanyend', 10), 'a\nverylong');
  assert.equal(cutText('123456789😀', 10), '123456789');
  const blocks = ['a\n\n', 'b\n\n', `${'c'.repeat(20)}\n\n`, 'd'];
  assert.deepEqual(gatherBlocks(blocks.join(''), 10), ['a\n\nb\n\n', blocks[2], 'd']);
});
