// SPDX-License-Identifier: Apache-2.0
// What /proc says of processes.
import { readFileSync } from 'node:fs';

// How many descriptors one may have.
export function descriptors() {
  return Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);
}

// Those that this one has started, as nginx's master its workers.
export function workersOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

// The seconds of processor time that they have taken, and those that they have started.
export function processorSeconds(pids) {
  const ticks = 100; // a second, on Linux everywhere (USER_HZ)
  const taken = (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  };
  return pids.flatMap((pid) => [pid, ...workersOf(pid)]).reduce((sum, pid) => sum + taken(pid), 0);
}
