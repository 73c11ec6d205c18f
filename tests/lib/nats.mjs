// SPDX-License-Identifier: Apache-2.0
// A NATS server of the test's own, with one account, and a client of the barest kind. Under TLS it has a certificate of one
// of its two authorities.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './instance.mjs';
import { until } from './patience.mjs';

const USER = 'relay';
const PASSWORD = 'of-the-tests';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export class Nats {
  static async open(options = {}) {
    const nats = new Nats();
    nats.port = await freePort();
    nats.directory = mkdtempSync(join(tmpdir(), 'agent-trace-nats-'));
    chmodSync(nats.directory, 0o755); // for the relay's user
    if (options.authority) for (const name of ['one', 'two']) nats.#certify(name);
    await nats.start(options);
    return nats;
  }

  // An authority of that name, and a certificate that it has given the server.
  #certify(name) {
    const openssl = (...words) => execFileSync('openssl', words, { cwd: this.directory, stdio: 'ignore' });
    openssl('req', '-x509', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', `${name}.ca.key`, '-out', `${name}.ca.pem`);
    openssl('req', ...NEW_KEY, '-subj', '/CN=nats', '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(join(this.directory, 'names'), 'subjectAltName=IP:127.0.0.1');
    const signed = ['-CA', `${name}.ca.pem`, '-CAkey', `${name}.ca.key`, '-CAcreateserial', '-extfile', 'names'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`);
  }

  // The file of that authority.
  authority(name) {
    return join(this.directory, `${name}.ca.pem`);
  }

  log() {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }

  get url() {
    return `nats://${USER}:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  // `authority`: whose certificate it shows; without one it takes no TLS. `counts`: clients() can be asked.
  async start({ password = PASSWORD, authority, counts } = {}) {
    const words = ['-a', '127.0.0.1', '-p', String(this.port), '--user', USER, '--pass', password, '-l', 'log'];
    if (authority) words.push('--tls', '--tlscert', `${authority}.pem`, '--tlskey', `${authority}.key`);
    if (counts) words.push('-m', String((this.monitor = await freePort())));
    this.child = spawn('nats-server', words, { cwd: this.directory, stdio: 'ignore' });
    this.child.unref();
    this.exit = new Promise((resolve) => this.child.once('exit', resolve));
    await until(() => this.#answers(), 'NATS to listen');
  }

  #answers() {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
    });
  }

  // What it has counted of each client that is connected, in the order in which they came.
  async clients() {
    const reply = await fetch(`http://127.0.0.1:${this.monitor}/connz?sort=start`);
    return (await reply.json()).connections;
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
      socket.once('close', () => reject(new Error('NATS has closed the connection')));
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
