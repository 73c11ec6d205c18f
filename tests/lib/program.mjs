// SPDX-License-Identifier: Apache-2.0
// The C programs that tests and benchmarks use.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

// Builds the program of that path in the build directory of `check` or, by hand, of `run`, and says where it is.
export async function builtProgram(path) {
  const build = process.env.TRACE_TEST_BUILD ?? `${root}build`;
  await run('make', ['-s', '-C', build, path], { maxBuffer: 1 << 24 });
  return `${build}/${path}`;
}
