// SPDX-License-Identifier: Apache-2.0
// JSON keeps the numbers that were written.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ExactNumber, exactParse, exactText } from '../../../static/exact.js';

test('a number that a double cannot repeat keeps its text, any other is a number', () => {
  for (const text of [
    '12345678901234567890',
    '1.10',
    '1e400',
    '-0',
    '0.1000000000000000055',
    '9007199254740993',
    '1E5',
  ]) {
    const { value } = exactParse(`{"value":${text}}`);
    assert.ok(value instanceof ExactNumber, text);
    assert.equal(exactText({ value }), `{"value":${text}}`);
  }
  for (const text of ['0', '-1', '1.5', '1764366861123456', '9007199254740992', '0.1'])
    assert.equal(exactParse(`[1.10,${text}]`)[1], Number(text));
  assert.equal(exactParse('[9007199254740993]')[0] > 5, true);
});

test('everything else is what JSON.parse makes of it', () => {
  const text =
    '{"a":[1.0,{"b":"x\\"1.0é\\\\"},[],{}],"":null," k ":true,"n":-1.5e3,"__proto__":{"x":1},"f":false,"deep":[[[["1.20"]]]]}';
  const plain = (value) => JSON.parse(exactText(value));
  assert.deepEqual(plain(exactParse(text)), JSON.parse(text));
  assert.equal(Object.getPrototypeOf(exactParse(text)), Object.prototype);
  assert.ok(Object.hasOwn(exactParse(text), '__proto__'));
  assert.equal(exactText(exactParse(text)), text);
  assert.equal(
    exactText({ a: [1, { b: 'c' }], d: [], e: {} }, 2),
    JSON.stringify({ a: [1, { b: 'c' }], d: [], e: {} }, null, 2),
  );
  assert.throws(() => exactParse('{"a":1.0'), SyntaxError);
  assert.throws(() => exactParse('[1.0] x'), SyntaxError);
  const deep = `${'['.repeat(5000)}1.0${']'.repeat(5000)}`;
  assert.ok(Array.isArray(exactParse(deep)));
});
