// SPDX-License-Identifier: Apache-2.0
// The counters of a soak: for each fault its number of rounds, and what was seen in them.
import { table } from '../bench/table.mjs';

const COLUMNS = ['rounds', 'failed', 'seconds', 'deliveries', 'events', 'retries', 'reconnects'];

export class Tally {
  #faults = new Map(); // name → counts
  #all = emptyCounts();

  // A round with several faults counts for each of them; the last line has it once.
  add(faults, { compared, distinct, retries, reconnects }, ms) {
    const counts = {
      rounds: 1,
      failed: 0,
      seconds: ms / 1000,
      deliveries: compared,
      events: distinct,
      retries,
      reconnects,
    };
    this.#count(faults, counts);
  }

  fail(faults) {
    this.#count(faults, { ...emptyCounts(), rounds: 1, failed: 1 });
  }

  #count(faults, counts) {
    for (const { name } of faults) {
      if (!this.#faults.has(name)) this.#faults.set(name, emptyCounts());
      addTo(this.#faults.get(name), counts);
    }
    addTo(this.#all, counts);
  }

  line() {
    const { rounds, failed, deliveries } = this.#all;
    return `${rounds} rounds, ${failed} failed, ${deliveries} deliveries compared`;
  }

  table() {
    const rows = [...this.#faults].sort(([a], [b]) => (a < b ? -1 : 1));
    return table([
      ['fault', ...COLUMNS],
      ...rows.map(([name, counts]) => words(name, counts)),
      words('all rounds', this.#all),
    ]);
  }
}

function emptyCounts() {
  return Object.fromEntries(COLUMNS.map((name) => [name, 0]));
}

function addTo(sum, counts) {
  for (const name of COLUMNS) sum[name] += counts[name];
}

const words = (name, counts) => [name, ...COLUMNS.map((column) => Math.round(counts[column]))];
