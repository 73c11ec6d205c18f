// SPDX-License-Identifier: Apache-2.0
// A transaction that stands open as long as a test likes, as another writer's does for a moment.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './patience.mjs';

const waitingSql =
  "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'";

export class Holder {
  #child;
  #instance;

  // Runs the statements in a transaction, which then stands open.
  static async open(instance, sql) {
    const holder = new Holder();
    holder.#instance = instance;
    holder.#child = spawn('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', instance.env.DATABASE_URL], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    holder.#child.stdin.write(`BEGIN; ${sql};\n\\echo held\n`);
    for await (const line of holder.#child.stdout) if (String(line).includes('held')) return holder;
    throw new Error(`the transaction could not be opened: ${sql}`);
  }

  // Waits until so many wait for what the transaction has locked, or for each other.
  async someoneWaits(n = 1) {
    await until(async () => (await this.#instance.psql(waitingSql)).length >= n, `${n} to wait for a lock`);
  }

  // Ends the transaction without its changes, unless it was committed.
  close() {
    this.#child.kill();
  }

  async commit() {
    this.#child.stdin.end('COMMIT;\n');
    const [code] = await once(this.#child, 'exit');
    assert.equal(code, 0);
  }
}
