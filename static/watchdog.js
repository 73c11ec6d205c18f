// SPDX-License-Identifier: Apache-2.0
// Tells when a connection has been silent for too long. A page sees events only, never bytes: on a slow connection a long
// event looks like silence until it is whole, and whoever gave up on it each time would begin the same transfer for ever.
// So each silence in a row is waited for twice as long, until the server has nothing left to send and says so with a ping.

/** @param {{ quietMs: number, mostMs: number, onSilence: () => void }} options */
export function createWatchdog({ quietMs, mostMs, onSilence }) {
  let silences = 0;
  /** @type {Timer} */
  let timer;
  return {
    // Something came, or may come from now on.
    awaken() {
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          silences += 1;
          onSilence();
        },
        Math.min(mostMs, quietMs * 2 ** silences),
      );
    },
    // Everything that there was has come.
    calm() {
      silences = 0;
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
