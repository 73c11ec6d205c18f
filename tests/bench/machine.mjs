// SPDX-License-Identifier: Apache-2.0
// What the benchmarks share: on what they ran, and where their C programs are.
import { cpus, loadavg, totalmem } from 'node:os';
import { builtProgram } from '../lib/program.mjs';

export function machine() {
  const gib = Math.round(totalmem() / 2 ** 30);
  return `machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${gib} GiB, load ${loadavg()[0].toFixed(2)} at the end`;
}

// Builds tests/bench/NAME and says where it is.
export const program = (name) => builtProgram(`tests/bench/${name}`);

// `q`: 0 to 1; 1 is the highest of them.
export const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))];

export const median = (values) => quantile(values, 0.5);
