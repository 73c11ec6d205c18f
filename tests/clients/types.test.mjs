// SPDX-License-Identifier: Apache-2.0
// The types of clients/js compile, strictly, with a program that uses them; and what they declare is there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as library from '../../clients/js/src/index.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const tsc = path('../lint/tools/node_modules/.bin/tsc');
const declared = readdirSync(path('../../clients/js/types')).map((name) => path(`../../clients/js/types/${name}`));
const options =
  '--noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext --lib es2023,dom'.split(' ');

test('the types compile, and refuse a wrong call', () => {
  const { status, stdout } = spawnSync(tsc, [...options, ...declared, path('types/usage.ts')], {
    encoding: 'utf8',
  });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});

test('what the types declare of a session is there', () => {
  for (const name of [
    'ask',
    'cancel',
    'noteEnded',
    'notifyCompleted',
    'notifyFailed',
    'post',
    'record',
    'release',
    'startStep',
  ])
    assert.equal(typeof library.SessionTrace.prototype[name], 'function', name);
});
