// SPDX-License-Identifier: Apache-2.0
// A clock that can be stepped without touching the machine's: the programs of an instance (not PostgreSQL, not nginx) run
// under libfaketime, which adds to the wall clock what a file says; the monotonic clock is left as it is.
import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// The installed programs that look at a clock.
const CLOCKED = { libexec: ['trace-api.fcgi', 'workspace-api.fcgi', 'trace-pusher'], bin: ['trace-admin'] };
const REREAD_S = 1;

const wrapper = (program, file) => `#!/bin/sh
export FAKETIME_TIMESTAMP_FILE='${file}' FAKETIME_CACHE_DURATION=${REREAD_S} FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DISABLE_SHM=1
export LD_PRELOAD='/usr/$LIB/faketime/libfaketime.so.1' ASAN_OPTIONS="verify_asan_link_order=0:$ASAN_OPTIONS"
exec '${program}' "$@"
`;

export class Clock {
  #file;

  // The programs of `prefix` once more in `directory`, with the clock.
  constructor(prefix, directory) {
    this.prefix = directory;
    this.#file = join(directory, 'clock');
    mkdirSync(directory);
    for (const name of readdirSync(prefix)) {
      if (!(name in CLOCKED)) {
        symlinkSync(join(prefix, name), join(directory, name));
        continue;
      }
      mkdirSync(join(directory, name));
      for (const program of readdirSync(join(prefix, name))) {
        const [from, to] = [join(prefix, name, program), join(directory, name, program)];
        if (CLOCKED[name].includes(program)) writeFileSync(to, wrapper(from, this.#file), { mode: 0o755 });
        else symlinkSync(from, to);
      }
    }
    this.set(0);
  }

  // Seconds before or after the machine's clock; in force REREAD_S later.
  set(seconds) {
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    chmodSync(`${this.#file}.new`, 0o644);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
