// SPDX-License-Identifier: Apache-2.0
// A bad network between the emitter and the server: requests are dropped, done without an answer, delayed, doubled, or
// answered 503. A seed has the same faults each time, as far as the requests come in the same order.
import { createServer, request as ask } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../fault/random.mjs';

export class Proxy {
  counts = {};
  batches = 0;
  // How many requests there are for each fault; 0 means no faults.
  oneIn = 3;
  // While it is away, connections are closed as they come.
  isAway = false;
  // Requests that it has taken and not yet done with.
  underWay = 0;

  constructor(target, seed) {
    this.target = new URL(target);
    this.random = randomFrom(seed);
  }

  async start() {
    this.server = createServer((request, response) => {
      this.underWay += 1;
      this.take(request, response)
        .catch(() => response.destroy())
        .finally(() => (this.underWay -= 1));
    });
    this.server.keepAliveTimeout = 60_000;
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async take(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    this.batches += !this.isAway && request.url.endsWith('/batch');
    const fault = this.isAway ? 'away' : this.pick();
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    await this[fault](request, response, body);
  }

  pick() {
    const faults = ['dropBefore', 'dropAfter', 'double', 'delay', 'late', 'refuse', 'cut'];
    return this.oneIn && this.random.below(this.oneIn) === 0 ? faults[this.random.below(faults.length)] : 'pass';
  }

  forward(request, body) {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.target;
      const headers = { ...request.headers, 'content-length': body.length };
      delete headers['transfer-encoding'];
      const upstream = ask(
        { hostname, port, method: request.method, path: request.url, headers, agent: false },
        resolve,
      );
      upstream.on('error', reject);
      upstream.end(body);
    });
  }

  async pass(request, response, body) {
    const reply = await this.forward(request, body);
    response.writeHead(reply.statusCode, reply.headers);
    response.flushHeaders();
    reply.pipe(response);
    response.on('close', () => reply.destroy());
  }

  async done(request, body) {
    const reply = await this.forward(request, body);
    if (reply.headers['content-type']?.startsWith('text/event-stream')) reply.destroy();
    else for await (const piece of reply) void piece;
  }

  async away(request, response) {
    response.destroy();
  }
  async dropBefore(request, response) {
    response.destroy();
  }
  async dropAfter(request, response, body) {
    await this.done(request, body);
    response.destroy();
  }
  async double(request, response, body) {
    await this.done(request, body);
    await this.pass(request, response, body);
  }
  async delay(request, response, body) {
    await sleep(this.random.below(150));
    await this.pass(request, response, body);
  }
  // Arrives long after it was repeated.
  async late(request, response, body) {
    response.destroy();
    await sleep(this.random.below(400));
    await this.done(request, body);
  }
  async refuse(request, response) {
    response.writeHead(503, { 'retry-after': '0' }).end();
  }
  async cut(request, response, body) {
    await this.done(request, body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"step":{"id":"');
    await sleep(1);
    response.destroy();
  }
}
