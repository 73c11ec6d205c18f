// SPDX-License-Identifier: Apache-2.0
// Running a program as one of the users that an instance separates: what each of them can reach.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const USERS = { programs: 'agent-trace', nginx: 'agent-trace-web', agent: 'agent-trace-agent' };

// Why tests of these users are skipped, or false.
export const skipWithoutRoot = process.getuid() !== 0 && 'without root everything runs as one user';

// The output of a program that runs as `user`, or what it failed with: {code, stdout, stderr}.
export async function runAs(user, words) {
  const options = ['--reuid', user, '--regid', user, '--init-groups', '--inh-caps=-all', '--no-new-privs', '--'];
  return run('setpriv', [...options, ...words], { cwd: '/' }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

// How connect() to a Unix socket ends for `user`: 'connected', or the error's code. The kernel checks the file's mode
// before the socket's type, so EPROTOTYPE means that a socket of packets would have let the user in.
export async function connectAs(user, path) {
  const script = `
    require('node:net').connect(process.argv[1])
      .on('connect', () => { console.log('connected'); process.exit(); })
      .on('error', (error) => console.log(error.code))`;
  return (await runAs(user, [process.execPath, '-e', script, path])).stdout.trim();
}
