// SPDX-License-Identifier: Apache-2.0
// The emitter's configuration: options first, then the environment, then defaults. Times are milliseconds.

export const DEFAULTS = {
  requestTimeoutMs: 10_000, // one attempt
  ackTimeoutMs: 2_000, // how long a call waits to be acknowledged before it answers `queued`; 0: not at all
  deliverTimeoutMs: 600_000, // how long a write is kept and repeated before it is dropped
  retryMs: 100, // before the first repeat; doubles to at most 10 s, with jitter
  heartbeatMs: 15_000, // since the last stored write of an open session; the server gives up after 60 s
  progressMs: 50, // least time between two progress requests of one step
  progressBytes: 4096, // new text that is sent before progressMs have passed
  checkpointMs: 1_000, // between stored copies of a streamed text, so that a crash keeps it
  queueBytes: 16 * 1024 * 1024, // bound of everything that waits in memory
  queueLength: 10_000, // bound of the writes that wait
};

function ofEnvironment(name) {
  return globalThis.process?.env?.[name] || undefined;
}

// Complete options, or a TypeError that names what is wrong. The token is never part of a message.
export function readConfig(options = {}) {
  const config = { ...DEFAULTS, watch: true, fetch: globalThis.fetch?.bind(globalThis) };
  for (const [name, value] of Object.entries(options)) if (value !== undefined) config[name] = value;
  config.url ??= ofEnvironment('TRACE_URL');
  config.workspace ??= ofEnvironment('TRACE_WORKSPACE');
  config.token ??= ofEnvironment('TRACE_TOKEN');
  config.onLog ??= (level, line) => console.error(`agent-trace: ${level}: ${line}`);
  config.onEnded ??= () => {};
  for (const name of ['url', 'workspace', 'token'])
    if (!config[name]) throw new TypeError(`${name} is missing (TRACE_${name.toUpperCase()} is not set either)`);
  if (!/^https?:\/\/[^/]/.test(config.url)) throw new TypeError('url is not an http or https origin');
  if (!/^ws_[0-9A-Z]+$/.test(config.workspace)) throw new TypeError('workspace is not an id that begins with ws_');
  if (!/^[\x21-\x7e]+$/.test(config.token)) throw new TypeError('token has characters that cannot be sent');
  for (const name of Object.keys(DEFAULTS))
    if (!Number.isFinite(config[name]) || config[name] < 0)
      throw new TypeError(`${name} is not a number of at least 0`);
  if (typeof config.fetch !== 'function') throw new TypeError('this runtime has no fetch');
  config.url = config.url.replace(/\/+$/, '');
  return config;
}
