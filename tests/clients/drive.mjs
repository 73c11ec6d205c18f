// SPDX-License-Identifier: Apache-2.0
// Runs a scenario with one of the libraries and reads what its driver says.
import { spawn } from 'node:child_process';
import { once, EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../lib/program.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

// The command of each library's driver. The scenario is its last argument.
export const drivers = {
  js: [process.execPath, join(here, 'driver.mjs')],
  python: ['python3', join(here, 'driver.py')],
  c: [await builtProgram('tests/clients/driver')],
};

const DEFAULTS = { sessions: 1, steps: 0, words: 10, pauseMs: 5, whole: 0, until: 'complete' };

// `said(word)`: the words after each line's first; `next(word)`: those of the next such line, when it comes.
export function drive(library, env, scenario) {
  const [program, ...args] = drivers[library];
  const text = JSON.stringify({
    ...DEFAULTS,
    ...scenario,
    config: { requestTimeoutMs: 2000, ackTimeoutMs: 300, ...scenario.config },
  });
  const child = spawn(program, [...args, text], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = [];
  const given = new Map();
  const heard = new EventEmitter();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line.split(' '));
    heard.emit('line');
  });
  let ended;
  const status = new Promise((resolve) => child.on('close', resolve));
  status.then((code) => {
    ended = code ?? 'a signal';
    heard.emit('line');
  });
  const said = (word) => lines.filter(([first]) => first === word).map((line) => line.slice(1));
  const next = async (word) => {
    const n = given.get(word) ?? 0;
    given.set(word, n + 1);
    while (said(word).length <= n) {
      if (ended !== undefined) throw new Error(`the driver ended with ${ended}:\n${transcript()}`);
      await once(heard, 'line');
    }
    return said(word)[n];
  };
  const transcript = () => lines.map((line) => line.join(' ')).join('\n');
  const json = (word) => JSON.parse(said(word).at(-1).join(' '));
  return { status, said, next, json, transcript, kill: () => child.kill('SIGKILL') };
}
