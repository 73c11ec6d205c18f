// Runs tests/integration/emitter_driver.c, and reads what it says.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.TRACE_TEST_BUILD ?? join(root, 'build');

// { lines, status, next(word) }: next() resolves with the words after the next line that begins with `word`.
export function drive(env, ...args) {
  const child = spawn(join(build, 'tests/integration/emitter_driver'), args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = [];
  const waiting = [];
  const offer = () => {
    for (const wait of [...waiting]) {
      const found = lines.find((line) => !wait.seen.has(line) && line.words[0] === wait.word);
      if (found) {
        waiting.splice(waiting.indexOf(wait), 1);
        wait.resolve(found.words.slice(1));
      }
    }
  };
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push({ text, at: performance.now(), words: text.split(' ') });
    offer();
  });
  const status = new Promise((resolve) => child.on('close', resolve));
  const next = (word) => new Promise((resolve, reject) => {
    waiting.push({ word, resolve, seen: new Set() });
    status.then((code) => reject(new Error(`the driver ended with ${code}:\n${lines.map((l) => l.text).join('\n')}`)));
    offer();
  });
  const said = (word) => lines.filter((line) => line.words[0] === word).map((line) => line.words.slice(1));
  return { lines, status, next, said, stats: () => JSON.parse(lines.find((l) => l.words[0] === 'stats').text.slice(6)) };
}
