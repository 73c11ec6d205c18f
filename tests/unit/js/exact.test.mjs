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
    '0.0000001',
    '1234567.1234567891',
    '123456789012345.68',
  ]) {
    const { value } = exactParse(`{"value":${text}}`);
    assert.ok(value instanceof ExactNumber, text);
    assert.equal(exactText({ value }), `{"value":${text}}`);
    for (const around of [`${text}`, ` ${text}\n`, `[0,${text}]`, `{"id" :\n ${text} }`, `[\t${text}]`])
      assert.equal(exactText(exactParse(around)), around.replace(/\s/g, ''), around);
  }
  for (const text of ['0', '-1', '1.5', '1764366861123456', '9007199254740992', '0.1'])
    assert.equal(exactParse(`[1.10,${text}]`)[1], Number(text));
  assert.equal(exactParse('[9007199254740993]')[0] > 5, true);
});

test('a number is read alike alone and beside one that a double cannot repeat', () => {
  const digits = [
    '0',
    '1',
    '9',
    '10',
    '0.5',
    '900719925474099',
    '0.00000',
    '123456789',
    '1.234567890123',
    '4e',
    '5.0e+',
  ];
  for (const sign of ['', '-'])
    for (const first of digits)
      for (const rest of ['', '0', '1', '12', '00', '3456', '99999999', '1.5', '.5', '.50', 'e3'])
        for (const more of ['', '7', '0', '1234567']) {
          const text = sign + first + rest + more;
          let value;
          try {
            value = JSON.parse(text);
          } catch {
            continue;
          }
          const exact = exactParse(text);
          assert.equal(exact instanceof ExactNumber, String(value) !== text, text);
          assert.deepEqual(exactParse(`[1.0,${text}]`)[1], exact);
        }
});

test('numbers are told from texts that look like them, and errors stay errors', () => {
  const text =
    '{"a\\":1.0":["\\\\",1.10,": 1.0","x\\\\\\",1e5",-0,"[1.0"],"b":{"10":2.50,"9":1e300,"c":[1e+300,2e300]},"b2":3.0,"b2":4.0}';
  const read = exactParse(text);
  assert.equal(
    exactText(read),
    '{"a\\":1.0":["\\\\",1.10,": 1.0","x\\\\\\",1e5",-0,"[1.0"],"b":{"9":1e300,"10":2.50,"c":[1e+300,2e300]},"b2":4.0}',
  );
  assert.equal(read.b.c[0], 1e300);
  for (const wrong of [
    '[00000000000000000]',
    '[1.0.0]',
    '[01.0]',
    '[1.0e]',
    '[1.0 1.0]',
    '"1.0',
    '[-0-0]',
    '[1.0e5+]',
    '1.0,',
  ])
    assert.throws(() => exactParse(wrong), SyntaxError, wrong);
});

test('only the numbers that a double cannot repeat are read by themselves', () => {
  const { exec } = RegExp.prototype;
  let read = 0;
  RegExp.prototype.exec = function counted(text) {
    read += 1;
    return exec.call(this, text);
  };
  try {
    const rows = Array.from({ length: 100 }, (_, i) => [
      `stp_01KB${i}E9Z1E${i}`,
      i,
      'completed',
      1764366861123456 + i,
      null,
      ': 1.0',
    ]);
    const text = JSON.stringify({ cost: 'here', steps: rows, total: 'there' });
    const value = exactParse(text.replace('"here"', '1.20').replace('"there"', '12345678901234567890'));
    assert.deepEqual(value.steps, rows);
    assert.equal(`${value.cost} ${value.total}`, '1.20 12345678901234567890');
  } finally {
    RegExp.prototype.exec = exec;
  }
  assert.ok(read <= 105, `${read} looks`);
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
