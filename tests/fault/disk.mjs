// SPDX-License-Identifier: Apache-2.0
// A small disk for an instance's PostgreSQL: its data directory is a tmpfs, which a file can fill. Mounting needs the
// superuser, so anybody else gets an error. A shell that waits for the end of this process unmounts it in every case.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(1 << 20);

export class Disk {
  #path;
  #guard;
  #file;

  // Mounts it on `path`, which is created.
  constructor(path, megabytes) {
    this.#path = path;
    this.#file = join(path, 'filler');
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path]);
    this.#guard = spawn('sh', ['-c', 'cat; umount -l "$1"', 'sh', path], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    });
    this.#guard.unref();
    this.#guard.stdin.unref();
  }

  // What `run` would copy into a new state that has no pg/ yet.
  begin(template) {
    cpSync(template, join(this.#path, '..'), { recursive: true, filter: (from) => from !== join(template, 'key') });
    execFileSync('cp', ['-a', `${template}/pg/.`, this.#path]);
  }

  fill() {
    const file = openSync(this.#file, 'w');
    try {
      for (;;) writeSync(file, BLOCK);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free() {
    rmSync(this.#file, { force: true });
  }

  // Resolves when it is unmounted.
  async close() {
    const gone = new Promise((resolve) => this.#guard.once('exit', resolve));
    this.#guard.ref();
    this.#guard.stdin.end();
    await gone;
  }
}
