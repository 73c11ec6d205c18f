// SPDX-License-Identifier: Apache-2.0
// LiveProcessor: a span processor for OpenTelemetry that exports a span when it starts and again when it has ended, so
// that a trace is seen while it happens. It takes any exporter, such as an OTLP one whose address is the ingest door.

const DEFAULTS = { delayMs: 200, maxBatch: 512, maxQueue: 2048 };
const SAMPLED = 1;
const SUCCESS = 0;

export class LiveProcessor {
  #exporter;
  #options;
  // Spans in the order in which they stirred. A span that began and ended within one delay is exported once.
  #waiting = new Set();
  #timer;
  #exporting = Promise.resolve();
  #isShutDown = false;
  #isFull = false;
  // Changes of spans that were not exported.
  dropped = 0;

  constructor(exporter, options = {}) {
    this.#exporter = exporter;
    this.#options = {
      ...DEFAULTS,
      onLog: (level, line) => console.error(`agent-trace: ${level}: ${line}`),
      ...options,
    };
  }

  onStart(span) {
    this.#add(span);
  }

  onEnd(span) {
    this.#add(span);
  }

  #add(span) {
    if (this.#isShutDown || !(span.spanContext().traceFlags & SAMPLED)) return;
    if (this.#waiting.size >= this.#options.maxQueue && !this.#waiting.has(span))
      return this.#drop(1, 'the queue is full');
    this.#isFull = false;
    this.#waiting.add(span);
    if (this.#waiting.size >= this.#options.maxBatch) return this.#send();
    this.#timer ??= setTimeout(() => this.#send(), this.#options.delayMs);
    this.#timer.unref?.();
  }

  #drop(n, why) {
    this.dropped += n;
    if (!this.#isFull) this.#options.onLog('error', `spans are dropped: ${why}`);
    this.#isFull = true;
  }

  // One export at a time, so that a span's start cannot overtake its end.
  #send() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#exporting = this.#exporting.then(async () => {
      while (this.#waiting.size) {
        const spans = [...this.#waiting].slice(0, this.#options.maxBatch);
        for (const span of spans) this.#waiting.delete(span);
        const { code, error } = await this.#export(spans);
        if (code !== SUCCESS) this.#drop(spans.length, error?.message ?? 'the export failed');
      }
    });
    return this.#exporting;
  }

  #export(spans) {
    return new Promise((resolve) => {
      try {
        this.#exporter.export(spans, resolve);
      } catch (error) {
        resolve({ code: 1, error });
      }
    });
  }

  async forceFlush() {
    await this.#send();
    await this.#exporter.forceFlush?.();
  }

  async shutdown() {
    this.#isShutDown = true;
    await this.#send();
    await this.#exporter.shutdown();
  }
}
