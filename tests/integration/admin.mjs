// SPDX-License-Identifier: Apache-2.0
// What the tests of trace-admin share: the program itself, and databases of their own in an instance's cluster.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findPrefix } from '../lib/instance.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

// Runs a program; resolves with { status, out, err }.
export async function run(program, args, { input = '', env = {} } = {}) {
  const child = spawn(program, args, { stdio: 'pipe', env: { PATH: process.env.PATH, ...env } });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status, out, err };
}

// A program of the tests themselves, built if it is not there.
export async function build(name) {
  const directory = process.env.TRACE_TEST_BUILD ?? join(root, 'build');
  const { status, err } = await run('make', ['-s', '-C', directory, name], { env: process.env });
  if (status !== 0) throw new Error(err);
  return join(directory, name);
}

// A database in the instance's cluster with nothing in it, and trace-admin for it.
export class Database {
  static async make(instance) {
    const name = `admin_${randomBytes(6).toString('hex')}`;
    const database = new Database();
    database.url = instance.env.DATABASE_URL.replace(/\/trace(\?|$)/, `/${name}$1`);
    database.prefix = await findPrefix();
    await instance.psql(`CREATE DATABASE ${name}`);
    return database;
  }

  // A database with the current schema.
  static async migrated(instance) {
    const database = await Database.make(instance);
    await database.good(['migrate']);
    return database;
  }

  get program() {
    return join(this.prefix, 'bin', 'trace-admin');
  }

  admin(args, { input, env = {} } = {}) {
    return run(this.program, args, { input, env: { DATABASE_URL: this.url, ...env } });
  }

  // Runs the command with --json, which must succeed, and returns what it printed.
  async good(args, options) {
    const { status, out, err } = await this.admin([...args, '--json'], options);
    if (status !== 0) throw new Error(`trace-admin ${args.join(' ')}: ${status} ${err}`);
    return JSON.parse(out);
  }

  // The rows of a query as arrays of text; none for other statements. `role`: the role that runs it.
  async sql(query, { role } = {}) {
    const url = role ? this.url.replace(/\/\/\w+@/, `//${role}@`) : this.url;
    const { status, out, err } = await run('psql', [
      '-X',
      '-q',
      '-A',
      '-t',
      '-F',
      '\u001f',
      '-v',
      'ON_ERROR_STOP=1',
      '-d',
      url,
      '-c',
      query,
    ]);
    if (status !== 0) throw new Error(err);
    return out
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\u001f'));
  }
}
