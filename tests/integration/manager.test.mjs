// SPDX-License-Identifier: Apache-2.0
// What the programs tell the service manager that starts them: that they are ready, that they live, and that they stop.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeState, start } from '../lib/instance.mjs';
import { Nats } from '../lib/nats.mjs';
import { until } from '../lib/patience.mjs';

const PROGRAMS = [
  'ingest-api.fcgi',
  'trace-admin',
  'trace-agent',
  'trace-api.fcgi',
  'trace-pusher',
  'trace-relay',
  'workspace-api.fcgi',
];
const listener = fileURLToPath(new URL('../lib/manager.py', import.meta.url));
const words = [];
let directory, child, nats, instance;

// What the main process of a program has said; its workers say nothing.
const saidBy = (program) => words.filter((word) => word.program === program).map(({ said }) => said);
const pulses = (program) => saidBy(program).filter((said) => said === 'WATCHDOG=1').length;

before(async () => {
  directory = makeState();
  const socket = join(directory, 'notify');
  child = spawn('python3', [listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => words.push(JSON.parse(line)));
  await until(() => words.length > 0, 'the manager to listen');
  nats = await Nats.open();
  instance = await start({
    demo: true,
    env: {
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: '2000000',
      TRACE_NATS_URL: nats.url,
      TRACE_BUS_KEY: randomBytes(24).toString('hex'),
    },
  });
});
after(async () => {
  child?.kill();
  await instance?.stop();
  await nats?.close();
  rmSync(directory, { recursive: true, force: true });
});

for (const program of PROGRAMS)
  test(`${program} is ready once, and then says again and again that it lives`, async () => {
    await until(() => pulses(program) >= 3, `${program} to be alive`);
    assert.equal(saidBy(program)[0], 'READY=1');
    assert.equal(saidBy(program).filter((said) => said === 'READY=1').length, 1);
    assert.equal(new Set(words.filter((word) => word.program === program).map(({ pid }) => pid)).size, 1);
  });

for (const program of ['trace-pusher', 'workspace-api.fcgi', 'trace-agent'])
  test(`${program} that hangs says nothing more`, async () => {
    const { pid } = words.find((word) => word.program === program);
    const other = program === 'trace-pusher' ? 'trace-relay' : 'trace-pusher';
    process.kill(pid, 'SIGSTOP');
    try {
      await until(() => /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), 'it to stop');
      // What it had said before is heard before what others say now.
      const heard = pulses(other);
      await until(() => pulses(other) >= heard + 2, 'another program to be heard');
      const before = pulses(program);
      await until(() => pulses(other) >= heard + 6, 'another program to be heard again');
      assert.equal(pulses(program), before);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const before = pulses(program);
    await until(() => pulses(program) > before, 'it to go on');
  });

test('each of them says that it stops', async () => {
  await instance.stop();
  instance = undefined;
  await until(() => PROGRAMS.every((program) => saidBy(program).at(-1) === 'STOPPING=1'), 'all to stop').catch(
    () => {},
  );
  assert.deepEqual(
    PROGRAMS.filter((program) => saidBy(program).at(-1) !== 'STOPPING=1'),
    [],
  );
});
