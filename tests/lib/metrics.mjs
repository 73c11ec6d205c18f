// SPDX-License-Identifier: Apache-2.0
// What the programs of an instance count, by GET /metrics.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

// The sum of a program's metric, of those of its lines that have these labels.
export async function metric(instance, name, labels = {}) {
  const text = await metrics(instance);
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text
    .split('\n')
    .filter(
      (line) =>
        (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && wanted.every((label) => line.includes(label)),
    );
  if (lines.length === 0) throw new Error(`no metric ${name} with ${wanted}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

export const metrics = (instance) => ask(instance, 'internal.sock', '/metrics');

// How many streams at the first pusher follow that room.
export async function subscribers(instance, room) {
  return JSON.parse(await ask(instance, 'pusher-1.http', `/rooms?room=${room}`))[room].subscribers;
}

async function ask(instance, socket, path) {
  const at = ['--unix-socket', `${instance.state}/sock/${socket}`, `http://localhost${path}`];
  return (await run('curl', ['-sS', '--max-time', '30', ...at])).stdout;
}
