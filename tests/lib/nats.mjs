// SPDX-License-Identifier: Apache-2.0
// A NATS server of the test's own, with one account, and a client of the barest kind.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './instance.mjs';
import { until } from './patience.mjs';

const USER = 'relay';
const PASSWORD = 'of-the-tests';

export class Nats {
  static async open() {
    const nats = new Nats();
    nats.port = await freePort();
    nats.directory = mkdtempSync(join(tmpdir(), 'agent-trace-nats-'));
    await nats.start();
    return nats;
  }

  get url() {
    return `nats://${USER}:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  async start() {
    const words = ['-a', '127.0.0.1', '-p', String(this.port), '--user', USER, '--pass', PASSWORD];
    this.child = spawn('nats-server', words, { cwd: this.directory, stdio: 'ignore' });
    this.child.unref();
    this.exit = new Promise((resolve) => this.child.once('exit', resolve));
    await until(() => this.#answers(), 'NATS to listen');
  }

  #answers() {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
    });
  }

  async kill() {
    if (!this.child) return;
    this.child.ref();
    this.child.kill('SIGKILL');
    await this.exit;
    this.child = undefined;
  }

  async close() {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  // Publishes the bytes, and resolves when the server has taken them.
  publish(subject, bytes) {
    const options = JSON.stringify({ verbose: false, pedantic: false, user: USER, pass: PASSWORD, lang: 'test' });
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1');
      let heard = '';
      socket.once('error', reject);
      socket.on('data', (data) => {
        heard += data;
        if (!heard.includes('PONG')) return;
        socket.destroy();
        resolve();
      });
      socket.write(`CONNECT ${options}\r\nPUB ${subject} ${bytes.length}\r\n`);
      socket.write(bytes);
      socket.write('\r\nPING\r\n');
    });
  }
}
