// SPDX-License-Identifier: Apache-2.0
// Progress calls through nginx, without a checkpoint and so without the database, beside an empty handler in the same frame behind the
// same nginx (tests/bench/empty.c), turn about, so that what else the machine does hits both. Goal: 70 % of the empty handler's rate.
//
//     node tests/bench/progress.mjs [connections] [seconds] [rounds]
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf } from '../lib/rest.mjs';
import { machine, median, program } from './machine.mjs';
import { MANY } from './servers.mjs';
import { Stage } from './stage.mjs';

const run = promisify(execFile);
const [connections = 32, seconds = 4, rounds = 5] = process.argv.slice(2).map(Number);

// One open step a connection, each in a session of its own: the paths of their progress, below /agent-sessions.
async function openSteps(agent) {
  const one = async () => {
    const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
    const { step } = (await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking' })).expect(
      201,
    ).body;
    return `/agent-sessions/${session.id}/steps/${step.id}/progress`;
  };
  return Promise.all(Array.from({ length: connections }, one));
}

// Starts the empty handler as the user of the instance's programs, and tells the instance's nginx of it.
async function startEmpty(stage, instance) {
  const sock = join(instance.state, 'sock');
  const path = stage.path('empty');
  cpSync(await program('empty'), path);
  const { uid, gid } = statSync(sock);
  const env = {
    ...process.env,
    TRACE_DATABASE_URL: 'postgresql:///',
    TRACE_SOCKET_DIR: sock,
    TRACE_LOG_LEVEL: 'error',
  };
  stage.spawn([path], { ...(process.getuid() === 0 && { uid, gid }), env });
  await until(() => existsSync(join(sock, 'empty.sock')), 'the empty handler to listen');
  const conf = join(instance.state, 'nginx.conf');
  const location = 'location /api/ {';
  const text = readFileSync(conf, 'utf8').replace(
    location,
    `location ~ ^/empty/ { fastcgi_pass unix:sock/empty.sock; }\n        ${location}`,
  );
  writeFileSync(conf, text);
  process.kill(instance.pid('nginx'), 'SIGHUP');
  const isThere = async () => (await fetch(`${instance.url}${emptyPath()}`, { method: 'POST' })).status === 204;
  await until(isThere, 'nginx to know the empty handler');
}

const emptyPath = () => `/empty/agent-sessions/${newId('ses')}/steps/${newId('stp')}/progress`;

async function measure(instance, paths) {
  const words = ['progress', instance.port, instance.env.TRACE_TOKEN, seconds, ...paths].map(String);
  return JSON.parse((await run(await program('calls'), words)).stdout);
}

const instance = await start({ env: MANY });
const stage = new Stage();
try {
  const agent = agentOf(instance);
  await startEmpty(stage, instance);
  const ratios = [];
  console.log(`${connections} connections, ${rounds} rounds of ${seconds} s each, turn about`);
  for (let round = 0; round < rounds; round++) {
    const steps = await openSteps(agent);
    const bare = await measure(
      instance,
      steps.map((path) => `/empty${path}`),
    );
    const ours = await measure(
      instance,
      steps.map((path) => agent.url(path.slice(1)).slice(instance.url.length)),
    );
    ratios.push(ours.perSecond / bare.perSecond);
    console.log(
      `empty ${bare.perSecond}/s (p50 ${bare.p50Ms} ms, p99 ${bare.p99Ms} ms)   progress ${ours.perSecond}/s (p50 ${ours.p50Ms} ms, p99 ${ours.p99Ms} ms)   ratio ${ratios.at(-1).toFixed(3)}`,
    );
  }
  console.log(machine());
  console.log(`median ratio ${median(ratios).toFixed(3)}   goal 0.7`);
} finally {
  await stage.stop();
  await instance.stop();
}
