// SPDX-License-Identifier: Apache-2.0
// An agent that writes one step after the other and repeats what is not answered, and a reader on its way by the balancer:
// how long writes, and what readers see of them, stood still.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../lib/ids.mjs';
import { openEvents } from '../lib/sse.mjs';

const REPEAT_MS = 20;
// A call that hangs is repeated: the database's deadline, and a second for the way.
const PATIENCE_MS = 4000;

export class Probe {
  #busy = true;
  #work;
  #acknowledged = [];
  #seen = [];

  static async open(client) {
    const probe = new Probe();
    const { session } = (await client.post('agent-sessions', {})).expect(201).body;
    probe.stream = await openEvents(client, [`session:${session.id}`], { reconnect: true });
    probe.#work = probe.#run(client, `agent-sessions/${session.id}/steps`);
    probe.#work.catch(() => {}); // awaited by close()
    return probe;
  }

  async #run(client, path) {
    let handled = 0;
    while (this.#busy) {
      const body = { id: newId('stp'), stepType: 'thinking', completed: true, content: 'probe' };
      while (!(await this.#isWritten(client, path, body)) && this.#busy) await sleep(REPEAT_MS);
      this.#acknowledged.push(performance.now());
      for (; handled < this.stream.events.length; handled++)
        if (this.stream.events[handled].data?.seq) this.#seen.push(performance.now());
      await sleep(REPEAT_MS);
    }
  }

  async #isWritten(client, path, body) {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const headers = { ...client.credentials(), 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body), signal: timeout };
    return fetch(client.url(path), request).then(
      (reply) => reply.arrayBuffer().then(() => reply.ok),
      () => false,
    );
  }

  // Writes that were acknowledged since that moment.
  since(began) {
    return this.#acknowledged.filter((at) => at > began).length;
  }

  // Seconds of the longest pause after that moment: of acknowledged writes, and of what the reader saw.
  pauses(began) {
    return { writes: longest(this.#acknowledged, began), stream: longest([...this.#seen, performance.now()], began) };
  }

  async close() {
    this.#busy = false;
    await this.#work;
    this.stream.close();
  }
}

function longest(times, began) {
  let last = began;
  let most = 0;
  for (const at of times) {
    if (at <= began) continue;
    most = Math.max(most, at - last);
    last = at;
  }
  return most / 1000;
}
