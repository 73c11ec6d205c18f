// SPDX-License-Identifier: Apache-2.0
// What relays carry: NATS and the relays of two and three machines, with generated load in the place of their writers and
// pushers (tests/bench/relays.c). Counted are the hints that each relay sends and receives, by its metrics, beside what
// docs/scale.md says of them: a machine's traffic grows with what is watched there, and not with what is written anywhere.
// Every line has processes of its own. It ends with 1 if a count is another, or NATS counts other messages than the relays.
//
//     node tests/bench/relays.mjs [events a second of each thousand rooms] [seconds]
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Nats } from '../lib/nats.mjs';
import { USER, asUser } from '../lib/pair.mjs';
import { until } from '../lib/patience.mjs';
import { builtProgram } from '../lib/program.mjs';
import { machine, program } from './machine.mjs';
import { Stage } from './stage.mjs';
import { table } from './table.mjs';

const [perThousand = 1000, seconds = 2] = process.argv.slice(2).map(Number);
// Of its own each relay follows two subjects, and once a second it says that it lives.
const OWN_SUBJECTS = 2;
const SEAL_BYTES = 80;

// `watched`: rooms, the first so many, on each machine; `writers`: the first so many machines write in turn; `pushers`: of
// each machine, all of which have readers of what is watched there. `writers` has no factor in common with `rooms`, so
// that each machine writes in each room.
const LINES = [
  { watched: [0, 0] },
  { watched: [0, 100] },
  { watched: [0, 1000] },
  { watched: [0, 100], rooms: 5000 },
  { watched: [0, 5000], rooms: 5000 },
  { watched: [0, 100], rooms: 100, rate: perThousand },
  { watched: [0, 1000], rate: 20 * perThousand },
  { watched: [0, 1000], rate: 40 * perThousand },
  { watched: [0, 1000], pushers: 4 },
  { watched: [0, 1000], bytes: 16_000 },
  { watched: [0, 100, 100] },
  { watched: [0, 1000, 0] },
  { watched: [0, 1000, 1000] },
  { watched: [1000, 1000, 1000], writers: 3 },
].map(complete);

// Each machine that writes does so in every room equally often.
function complete({
  rooms = 1000,
  writers = 1,
  pushers = 1,
  bytes = 300,
  rate = (perThousand * rooms) / 1000,
  watched,
}) {
  const turn = rooms * writers;
  return { rooms, writers, pushers, bytes, rate, watched, events: Math.ceil((rate * seconds) / turn) * turn };
}

const key = randomBytes(24).toString('hex');

async function metricsOf(relay) {
  const asked = request({ socketPath: `${relay.directory}/relay.http`, path: '/metrics' }).end();
  const [answer] = await once(asked, 'response');
  const lines = (await text(answer)).matchAll(/^trace_relay_(\w+) (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]));
}

// The kilobytes that the process has in memory.
const resident = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

// One after the other, so that NATS has them in this order.
async function startRelay(stage, nats, name, others) {
  const directory = stage.path(name);
  mkdirSync(directory);
  if (process.getuid() === 0) execFileSync('chown', [USER, directory]);
  const env = { TRACE_LOG_LEVEL: 'warning', TRACE_RELAY_DIR: directory, TRACE_RELAY_USER: userInfo().username };
  const words = asUser(['setpriv', '--pdeathsig', 'TERM', await builtProgram('relay/trace-relay')]);
  const { pid } = stage.spawn(words, {
    env: { PATH: process.env.PATH, ...env, TRACE_NATS_URL: nats.url, TRACE_BUS_KEY: key },
  });
  const relay = { directory, pid };
  await until(async () => (await nats.clients()).length === others + 1, `the ${name} at NATS`);
  await until(async () => (await metricsOf(relay).catch(() => ({}))).nats_up, `the ${name}`);
  return relay;
}

// By docs/scale.md: what is written is sent once, wherever it is watched, and comes to each other machine that watches.
function expected({ rooms, watched, writers, events }) {
  return watched.map((here, i) => ({
    sent: i < writers ? events / writers : 0,
    received: (events * (here / rooms) * (i < writers ? writers - 1 : writers)) / writers,
  }));
}

// What the processes have counted, which only grows.
async function countsOf(nats, relays) {
  const clients = await nats.clients();
  return Promise.all(relays.map(async (relay, i) => ({ ...clients[i], ...(await metricsOf(relay)) })));
}

const RELAY_COUNTS = ['sent_total', 'received_total', 'passed_total', 'lost_total', 'queue_dropped_total'];
const COUNTED = [...RELAY_COUNTS, 'in_msgs', 'in_bytes', 'out_msgs'];
const since = (before, after) =>
  after.map((counts, i) => Object.fromEntries(COUNTED.map((name) => [name, counts[name] - before[i][name]])));

// The load generator stands with all that it follows, of which NATS knows; then it is told to begin.
async function play(stage, line, nats, relays) {
  const { watched, pushers, ...load } = line;
  const machines = relays.map(({ directory, pid }, i) => ({ directory, pid, pushers, watched: watched[i] }));
  const spec = { ...load, nats: nats.child.pid, machines };
  const memory = [nats.child.pid, ...relays.map(({ pid }) => pid)];
  const empty = memory.map(resident);
  const child = stage.spawn([await program('relays'), JSON.stringify(spec)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await answers.next()).value !== 'open') throw new Error('the load generator has not begun');
  const isKnown = (client, i) => client.subscriptions === watched[i] + OWN_SUBJECTS;
  await until(async () => (await nats.clients()).every(isKnown), 'NATS to know what is followed', 30_000);
  const full = memory.map(resident);
  const began = performance.now();
  const before = await countsOf(nats, relays);
  child.stdin.end('\n');
  const { value } = await answers.next();
  const [code] = await exit;
  if (code !== 0 || !value) throw new Error(`the load generator ended with ${code}`);
  const counts = since(before, await countsOf(nats, relays));
  const grown = full.map((kib, i) => kib - empty[i]);
  return { ...JSON.parse(value), counts, grown, elapsed: (performance.now() - began) / 1000 };
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

// What is not as it should be, in words.
function wrongs(line, { counts, machines, elapsed }) {
  const should = expected(line);
  // Whatever else came from a relay says that it lives.
  const alive = counts.map(({ in_msgs: taken, sent_total: sent }) => taken - sent);
  return counts.flatMap(({ sent_total: sent, received_total: received, out_msgs: given, ...more }, i) => {
    const name = `machine ${'ABC'[i]}`;
    const came = received + more.queue_dropped_total;
    const others = sum(alive) - alive[i];
    return [
      sent !== should[i].sent && `${name} sent ${sent}, not ${should[i].sent}`,
      came !== should[i].received && `${name} received ${came}, not ${should[i].received}`,
      more.passed_total + more.lost_total !== received * line.pushers && `${name} did not pass on all of ${received}`,
      machines[i].came !== more.passed_total && `${name}'s pushers have ${machines[i].came}, not ${more.passed_total}`,
      (alive[i] < 0 || alive[i] > elapsed + 2) && `${name} sent ${alive[i]} other messages in ${elapsed} s`,
      Math.abs(given - came - others) > counts.length && `NATS gave ${name} ${given}, not ${came + others}`,
    ].filter(Boolean);
  });
}

function row(
  { rooms, rate, events, bytes, watched, pushers, writers },
  { counts, machines, natsCpu, seconds: took, p50, p99 },
) {
  const each = (name) => counts.map((one) => one[name]);
  const micros = (cpu, messages) => (messages ? ((cpu * 1e6) / messages).toFixed(1) : '–');
  const messages = counts.map(({ sent_total: sent, received_total: received }) => sent + received);
  const othersCpu = sum(machines.slice(1).map(({ cpu }) => cpu));
  const more = [
    writers > 1 && `by ${writers}`,
    bytes !== 300 && `of ${bytes} bytes`,
    pushers > 1 && `to ${pushers} pushers`,
  ].filter(Boolean);
  return [
    [`${rate}/s in ${rooms}`, ...more].join(', '),
    (events / took).toFixed(0),
    watched.join(' '),
    each('sent_total').join(' '),
    each('received_total').join(' '),
    sum(each('lost_total')) + sum(each('queue_dropped_total')),
    micros(machines[0].cpu, messages[0]),
    (othersCpu * 1000).toFixed(0),
    micros(othersCpu, sum(messages.slice(1))),
    micros(natsCpu, sum(each('in_msgs')) + sum(each('out_msgs'))),
    p50,
    p99,
  ];
}

const HEAD = 'hints|a second|watched|sent|received|lost|writer µs|others ms|µs|NATS µs|ms p50|p99'.split('|');

// Of a line in which nothing comes to the writer's machine: what a hint is at NATS beside its event, what a room costs.
function sizes({ bytes, watched }, { counts: [writer], grown }) {
  const alive = writer.in_msgs - writer.sent_total;
  const message = (writer.in_bytes - alive * SEAL_BYTES) / writer.sent_total;
  const each = (kib) => (kib / watched[1]).toFixed(2);
  return [
    `a hint of ${bytes} bytes is ${message.toFixed(0)} at NATS`,
    `${watched[1]} rooms: ${each(grown[2])} KiB each in the relay that follows them, ${each(grown[0])} in NATS`,
  ];
}

async function measure(line) {
  const stage = new Stage();
  const nats = await Nats.open({ counts: true });
  try {
    const relays = [];
    for (const i of line.watched.keys()) relays.push(await startRelay(stage, nats, `relay-${i + 1}`, i));
    return await play(stage, line, nats, relays);
  } finally {
    await stage.stop();
    await nats.close();
  }
}

const rows = [];
const facts = [];
for (const line of LINES) {
  const measured = await measure(line);
  rows.push(row(line, measured));
  process.stderr.write(`${rows.at(-1).join('   ')}\n`);
  for (const wrong of wrongs(line, measured)) {
    process.exitCode = 1;
    console.log(`not as docs/scale.md says: ${wrong}`);
  }
  if (line.watched[1] === 5000) facts.push(...sizes(line, measured));
}
console.log(table([HEAD, ...rows]));
console.log(facts.join('\n'));
console.log(
  `\nµs: processor time of a message that a relay, or NATS, took or gave. ms: from a writer to a pusher.\n${machine()}`,
);
