// What the benchmarks share: on what they ran, and where their C programs are.
import { cpus, loadavg, totalmem } from 'node:os';
import { builtProgram } from '../lib/program.mjs';

export function machine() {
  const gib = Math.round(totalmem() / 2 ** 30);
  return `machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${gib} GiB, load ${loadavg()[0].toFixed(2)} at the end`;
}

// Builds tests/bench/NAME and says where it is.
export const program = (name) => builtProgram(`tests/bench/${name}`);

// The value that `share` (0 to 1) of them kept to; 1 is the highest.
export const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];

export const median = (values) => quantile(values, 0.5);

// The sum of a program's metric, of those of its lines that have these labels.
export async function metric(instance, name, labels = {}) {
  const text = await metrics(instance);
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text.split('\n').filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && wanted.every((label) => line.includes(label)));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

export async function metrics(instance) {
  const { stdout } = await run('curl', ['-sS', '--unix-socket', `${instance.state}/sock/internal.sock`, 'http://localhost/metrics']);
  return stdout;
}
