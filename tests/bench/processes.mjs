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
