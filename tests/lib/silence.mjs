// SPDX-License-Identifier: Apache-2.0
// Sessions whose agent has fallen silent, without a server that gives everybody little time: a busy agent would lose its
// session, too.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './patience.mjs';

const run = promisify(execFile);

// Ends whatever has said nothing for a second, until session `id`, which `client` reads, is one of them.
export async function endSilent(instance, client, id) {
  const env = { ...process.env, TRACE_DATABASE_URL: instance.env.DATABASE_URL, TRACE_HEARTBEAT_TIMEOUT: '1' };
  await until(async () => {
    await run(join(instance.prefix, 'bin', 'trace-admin'), ['sweep'], { env });
    return (await client.get(`agent-sessions/${id}`)).expect(200).body.session.status === 'failed';
  }, 'the silent session to be ended');
}
