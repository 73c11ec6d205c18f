// SPDX-License-Identifier: Apache-2.0
// load.mjs URL WORKSPACE STREAM TOKEN STOP: works against a server until the file STOP exists, then prints what it saw as
// JSON. A writer adds steps, one after the other; a reader follows the session and reconnects as a browser does; somebody
// opens the page. Exits with 1 if a call was refused, a file was missing, or an event was lost or came twice. A call on a kept
// connection that nginx closed at that moment was not refused: it is repeated, as every client does (RFC 9112, 9.3.1), and counted.
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../lib/rest.mjs';
import { newId } from '../lib/ids.mjs';
import { EventStream } from '../lib/sse.mjs';

const [url, workspace, stream, token, stop] = process.argv.slice(2);
const agent = new Client(url, { token, workspace });
const faults = [];
const counted = { steps: 0, pages: 0, events: 0, connections: 0, repeated: 0 };
const isOver = () => existsSync(stop);
const wasClosed = (error) => ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(error.cause?.code);
const ask = (what, call) =>
  call()
    .catch((error) => {
      if (!wasClosed(error)) throw error;
      counted.repeated++;
      return call();
    })
    .catch((error) => faults.push(`${what}: ${error.message} ${error.cause?.code ?? ''}`));

const made = (await agent.post('agent-sessions', { title: 'Under load', streamId: stream })).expect(201).body;
const session = made.session.id;
const numbers = [];
const reader = new EventStream(agent.url(`events?room=session:${session}`), {
  headers: agent.credentials(),
  reconnect: true,
  sink: (type, data) => {
    const event = JSON.parse(data);
    if (Number.isInteger(event.seq) && /^agent_session:/.test(type) && !/:progress$/.test(type))
      numbers.push(event.seq);
  },
});
await reader.opened;

async function write() {
  while (!isOver()) {
    const step = { id: newId('stp'), stepType: 'thinking', content: 'Go on.', completed: true };
    await ask('a step', () =>
      agent.post(`agent-sessions/${session}/steps`, step).then((reply) => {
        // 200: it was there, the answer was lost.
        reply.expect(201, 200);
        counted.steps++;
      }),
    );
    await pause(5);
  }
}

async function open() {
  const anyone = new Client(url);
  while (!isOver()) {
    for (const path of ['/', '/main.js', '/vendor/preact.js'])
      await ask(path, () => anyone.get(path).then((reply) => reply.expect(200)));
    counted.pages++;
    await pause(20);
  }
}

await Promise.all([write(), open()]);
const last = (await agent.get(`agent-sessions/${session}`)).expect(200).body.session.lastSeq;
const deadline = Date.now() + 30_000;
while (numbers.at(-1) !== last && Date.now() < deadline) await pause(50);
reader.close();
counted.events = numbers.length;
counted.connections = reader.connections;
if (numbers.at(-1) !== last) faults.push(`the reader has ${numbers.at(-1)}, the session ${last}`);
numbers.forEach((number, at) => {
  if (at > 0 && number !== numbers[at - 1] + 1) faults.push(`event ${number} after ${numbers[at - 1]}`);
});
console.log(JSON.stringify({ ...counted, faults: faults.slice(0, 20), faultsTotal: faults.length }));
process.exitCode = faults.length ? 1 : 0;
