// SPDX-License-Identifier: Apache-2.0
// The limit of open files of a process that runs.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';

// The soft limit; without a number as high as it may be. Its own user may.
export function limitDescriptors(pid, limit) {
  const { uid, gid } = statSync(`/proc/${pid}`);
  const prlimit = (...words) =>
    execFileSync(
      'setpriv',
      ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', 'prlimit', '--pid', String(pid), ...words],
      { encoding: 'utf8' },
    );
  prlimit(`--nofile=${limit ?? prlimit('--nofile', '--noheadings', '-o', 'HARD').trim()}:`);
}

// The limit with which it gets no further one.
export function descriptorsInUse(pid) {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let free = 0;
  while (used.has(free)) free++;
  return free;
}
