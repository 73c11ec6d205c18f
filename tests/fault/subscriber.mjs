// A reader who loses the connection now and then and comes back as a browser does. It checks on the way what may never happen:
// a durable number twice, out of order or left out, progress after a step's completion, a reset without reason.
import { openEvents } from '../lib/sse.mjs';

export class Subscriber {
  seen = new Map(); // room → its durable events in the order of arrival, without those before the first position
  from = new Map();
  violations = [];
  #completed = new Set();

  static async open(client, rooms, random) {
    const subscriber = new Subscriber(rooms, random);
    subscriber.stream = await openEvents(client, rooms, { reconnect: true });
    subscriber.#follow();
    return subscriber;
  }

  constructor(rooms, random) {
    this.rooms = rooms;
    this.random = random;
    for (const room of rooms) this.seen.set(room, []);
  }

  // Events are taken as they are in the stream's list; `position` is how far.
  #follow() {
    let position = 0;
    this.timer = setInterval(() => {
      for (; position < this.stream.events.length; position++) this.#take(this.stream.events[position]);
      if (this.cuts && this.random.next() < 0.02) this.stream.cut();
    }, 20);
  }

  #take({ type, data }) {
    if (type === 'ready' && this.from.size === 0) for (const room of this.rooms) this.from.set(room, data.rooms[room].from);
    if (type === 'reset' || type === 'revoked') this.violations.push(`${type} ${JSON.stringify(data)}`);
    if (type === 'agent_session:step:progress' && this.#completed.has(data.stepId)) this.violations.push(`progress after the end of ${data.stepId}`);
    if (type === 'agent_session:step:completed') this.#completed.add(data.step.id);
    const events = data?.seq === undefined ? undefined : this.seen.get(data.room);
    if (!events) return;
    const due = (events.at(-1)?.data.seq ?? this.from.get(data.room)) + 1;
    if (data.seq !== due) this.violations.push(`${data.room}: ${data.seq} came where ${due} was due`);
    events.push({ type, data });
  }

  last(room) {
    return this.seen.get(room).at(-1)?.data.seq ?? this.from.get(room) ?? -1;
  }

  close() {
    clearInterval(this.timer);
    this.stream.close();
    this.violations.push(...this.stream.violations);
  }
}
