// CPU per delivered event: the pusher beside a bare loop with one write per subscriber (tests/bench/fanout.c), on a database
// of its own.
//
//     node tests/bench/fanout.mjs [subscribers…]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findPrefix, start } from '../lib/instance.mjs';
import { agentOf } from '../lib/rest.mjs';
import { machine, program } from './machine.mjs';

const SESSION = 'ses_0000000000000000000000BENC';

const instance = await start();
try {
  (await agentOf(instance).post('agent-sessions', { id: SESSION, title: 'fan-out' })).expect(201);
  const words = [`${await findPrefix()}/libexec/trace-pusher`, ...process.argv.slice(2)];
  const env = { ...process.env, TRACE_DATABASE_URL: instance.env.DATABASE_URL };
  await once(spawn(await program('fanout'), words, { env, stdio: ['ignore', 'inherit', 'inherit'] }), 'close');
  console.log(machine());
} finally {
  await instance.stop();
}
