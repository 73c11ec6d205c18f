// kill -9 of every program while agents write and readers come and go: nothing acknowledged is lost, nobody misses or doubles an event.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../lib/instance.mjs';
import { runUnder } from './run.mjs';

let instance;
before(async () => (instance = await start()));
after(() => instance?.stop());

async function killTwice(name, random) {
  for (let i = 0; i < 2; i++) {
    await sleep(random.between(150, 600));
    instance.kill(name);
    await instance.waitRestart(name);
  }
}

// The workers are the children of the program whose pid file it is.
function childrenOf(parent) {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number).filter((pid) => {
    try {
      return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === parent;
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

async function killWorkers(name, random) {
  for (let i = 0; i < 3; i++) {
    await sleep(random.between(100, 400));
    const workers = childrenOf(instance.pid(name));
    assert.ok(workers.length > 0, `${name} has workers`);
    process.kill(random.pick(workers), 'SIGKILL');
  }
}

const faults = {
  'no fault, readers that come and go': async () => {},
  'a trace-api worker': (random) => killWorkers('trace-api', random),
  'a workspace-api worker': (random) => killWorkers('workspace-api', random),
  'trace-api with its parent': (random) => killTwice('trace-api', random),
  'workspace-api with its parent': (random) => killTwice('workspace-api', random),
  'the pusher': (random) => killTwice('trace-pusher', random),
  nginx: (random) => killTwice('nginx', random),
  PostgreSQL: (random) => killTwice('postgres', random),
};

let seed = Number(process.env.TRACE_FAULT_SEED ?? 20261);
for (const [name, fault] of Object.entries(faults)) {
  const mine = seed++;
  test(`kill -9: ${name} (seed ${mine})`, async (t) => {
    const result = await runUnder(instance, mine, (_, random) => fault(random));
    assert.ok(result.compared > 500, `${result.compared} events compared`);
    t.diagnostic(JSON.stringify(result));
  });
}
