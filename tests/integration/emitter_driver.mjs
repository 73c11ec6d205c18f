// SPDX-License-Identifier: Apache-2.0
// Runs emitter_driver.c and reads its output.
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const build = process.env.TRACE_TEST_BUILD ?? join(root, 'build');

// Its output by lines. `said(word)`: the words that follow in each line which begins so; `next(word)`: those of the next
// such line, once it has come.
export function drive(env, ...args) {
  const child = spawn(join(build, 'tests/integration/emitter_driver'), args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = [];
  const given = new Map();
  const said = (word) => lines.filter((line) => line.words[0] === word).map((line) => line.words.slice(1));
  const heard = new EventEmitter();
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push({ text, words: text.split(' ') });
    heard.emit('line');
  });
  let ended;
  const status = new Promise((resolve) => child.on('close', resolve));
  status.then((code) => {
    ended = code;
    heard.emit('line');
  });
  const next = async (word) => {
    const n = given.get(word) ?? 0;
    given.set(word, n + 1);
    while (said(word).length <= n) {
      if (ended !== undefined)
        throw new Error(`the driver ended with ${ended}:\n${lines.map((l) => l.text).join('\n')}`);
      await once(heard, 'line');
    }
    return said(word)[n];
  };
  return {
    lines,
    status,
    next,
    said,
    kill: () => child.kill('SIGKILL'),
    stats: () => JSON.parse(lines.find((l) => l.words[0] === 'stats').text.slice(6)),
  };
}
