// SPDX-License-Identifier: Apache-2.0
// A reader who comes back as a browser does. It checks on the way what may never happen: a durable number twice, out of
// order, left out or with other bytes than its other readers got, progress after a step's completion, a reset without
// reason, an answer that is final to an EventSource.
import { EventStream } from '../lib/sse.mjs';

const STEP_ID = /"stepId":"([^"]+)"/;
const COMPLETED_ID = /"step":\{"id":"([^"]+)"/;
const VIOLATIONS_KEPT = 5;

export class Reader {
  compared = 0;
  violations = [];
  #positions = new Map();
  #completed = new Set();

  constructor(book, client, rooms, haste) {
    this.book = book;
    this.rooms = rooms;
    const query = rooms.map((room) => `room=${encodeURIComponent(room)}`).join('&');
    this.stream = new EventStream(client.url(`events?${query}`), {
      headers: client.credentials(),
      reconnect: true,
      haste,
      sink: (type, raw) => this.#take(type, raw),
    });
  }

  // -1 before the first `ready`.
  last(room) {
    return this.#positions.get(room) ?? -1;
  }

  get reconnects() {
    return this.stream.connections - 1;
  }

  close() {
    this.stream.close();
    this.violations.push(...this.stream.violations);
    if (![200, 204, undefined].includes(this.stream.status))
      this.#violation(`status ${this.stream.status}: ${this.stream.text}`);
  }

  #violation(what) {
    if (this.violations.length < VIOLATIONS_KEPT) this.violations.push(`${this.rooms.join(' ')}: ${what}`);
  }

  #take(type, raw) {
    const event = this.book.take(type, raw);
    if (event) this.#numbered(type, raw, event);
    else if (type === 'ready') this.#ready(JSON.parse(raw));
    else if (type === 'agent_session:step:progress') this.#progress(STEP_ID.exec(raw)?.[1]);
    else if (type === 'reset' || type === 'revoked') this.#violation(`${type} ${raw}`);
  }

  #ready({ rooms }) {
    for (const room of this.rooms) {
      const from = rooms[room]?.from;
      if (from === undefined) this.#violation(`${room} is denied`);
      else if (this.#positions.has(room) && from !== this.last(room))
        this.#violation(`${room} goes on from ${from}, seen ${this.last(room)}`);
      this.#positions.set(room, from);
    }
  }

  #numbered(type, raw, { room, seq, differs }) {
    this.compared++;
    if (seq !== this.last(room) + 1) this.#violation(`${room}: ${seq} came where ${this.last(room) + 1} was due`);
    if (differs) this.#violation(`${room}: ${seq} is not what another reader got: ${type} ${raw}`);
    this.#positions.set(room, seq);
    if (type === 'agent_session:step:completed') this.#completed.add(COMPLETED_ID.exec(raw)[1]);
  }

  #progress(step) {
    if (this.#completed.has(step)) this.#violation(`progress after the end of ${step}`);
  }
}
