// SPDX-License-Identifier: Apache-2.0
// The bounds of everything that waits in one emitter, its counters, and the sentences said about what was lost. What is
// dropped is counted here and nowhere else, so that flush() and the log agree.

const COUNTERS = [
  'acknowledged', // writes that the server confirmed
  'repeated', // attempts beyond a write's first
  'refused', // writes answered 4xx (a session that had ended is not counted here)
  'droppedFull', // writes dropped at the queue's bound
  'droppedExpired', // writes dropped after deliverTimeoutMs, or at close()
  'droppedEnded', // writes dropped because their session had ended, or its creation was refused
  'progressSent', // progress requests answered 202
  'progressMerged', // calls whose text went out with a later one
  'progressFailed', // progress requests lost (their text goes out with the next)
  'progressDropped', // steps whose text was cut at the most that the server takes
  'sourcesDropped', // sources left out: over the server's limit, no title, or not http(s)
  'heartbeats', // answered
];
const LOSSES = ['refused', 'droppedFull', 'droppedExpired', 'droppedEnded'];

export class Queue {
  length = 0;
  bytes = 0;
  #reported = 0;
  #saidFull = false;

  constructor(config) {
    this.config = config;
    this.stats = Object.fromEntries(COUNTERS.map((name) => [name, 0]));
  }

  log(level, line) {
    try {
      this.config.onLog(level, line);
    } catch {
      // A callback of the program's must not cost it what it records.
    }
  }

  // Takes room for one write. The ending of a session always fits: otherwise a full queue would leave it running.
  reserve(bytes, always) {
    const { queueLength, queueBytes } = this.config;
    if (!always && (this.length >= queueLength || this.bytes + bytes > queueBytes)) {
      this.stats.droppedFull++;
      if (!this.#saidFull) this.log('error', 'the queue is full: writes are dropped');
      this.#saidFull = true;
      return false;
    }
    this.length++;
    this.bytes += bytes;
    return true;
  }

  release(bytes) {
    this.length--;
    this.bytes -= bytes;
    if (!this.#saidFull || this.length > this.config.queueLength / 2) return;
    this.#saidFull = false;
    this.log('warning', `the queue has room again: ${this.stats.droppedFull} writes were dropped so far`);
  }

  // Writes lost since this was last asked.
  takeLosses() {
    const all = LOSSES.reduce((sum, name) => sum + this.stats[name], 0);
    const lost = all - this.#reported;
    this.#reported = all;
    return lost;
  }
}
