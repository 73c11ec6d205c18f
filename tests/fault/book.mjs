// SPDX-License-Identifier: Apache-2.0
// What the readers of a round saw: each numbered event once, as the bytes in which it came first. Readers are compared
// with each other by these bytes; the book is compared with the tables, once an event (oracle.mjs).
const NUMBERED = /^\{"room":"([^"]+)","seq":([0-9]+),/;

export class Book {
  #rooms = new Map(); // room → seq → {type, raw}
  changing = new Set(); // rooms whose steps change after they were told of, and are replayed as they are then

  // {room, seq} of a numbered event, undefined for any other; `differs` if somebody got another one under its number.
  take(type, raw) {
    const [, room, digits] = NUMBERED.exec(raw) ?? [];
    if (room === undefined) return undefined;
    const seq = Number(digits);
    if (!this.#rooms.has(room)) this.#rooms.set(room, new Map());
    const known = this.#rooms.get(room).get(seq);
    if (known) return { room, seq, differs: known.type !== type || (known.raw !== raw && !this.changes(room, type)) };
    this.#rooms.get(room).set(seq, { type, raw });
    return { room, seq, differs: false };
  }

  changes(room, type) {
    return this.changing.has(room) && (type === 'agent_session:updated' || type.startsWith('agent_session:step:'));
  }

  *entries() {
    for (const [room, events] of this.#rooms) for (const [seq, { type, raw }] of events) yield { room, seq, type, raw };
  }
}
