// SPDX-License-Identifier: Apache-2.0
// An EventSource for tests, on node:http, strict where a browser is lenient: it says what breaks the
// API's promises (`violations`), and it shows what a page cannot see: status, headers, the end.
import http from 'node:http';
import { giveUpAfter, reportIfSlow } from './patience.mjs';
import { Parser } from './sse-parser.mjs';

const ID = /^[A-Za-z0-9._~-]{1,128}$/;

export class EventStream {
  events = [];
  violations = [];
  retry = undefined;
  connections = 0;
  #url;
  #headers;
  #again;
  #request;
  #sink;
  #haste;
  #from;
  #closed = false;
  #waiting = new Set();
  #timer;

  // `headers`: credentials (Client.credentials()); `reconnect`: comes back as a browser does, with Last-Event-ID, after
  // `haste` times the time it was told. `sink(type, data)`: takes the events as they are, and nothing is kept here.
  // `from`: the address that the connection comes from.
  constructor(url, { headers = {}, lastEventId = '', reconnect = false, haste = 1, sink, from } = {}) {
    this.#url = url;
    this.#headers = headers;
    this.#again = reconnect;
    this.#haste = haste;
    this.#sink = sink;
    this.#from = from;
    this.lastEventId = lastEventId;
    this.#connect();
  }

  #connect() {
    this.connections++;
    let tellOpened;
    let tellEnded;
    this.opened = new Promise((resolve) => (tellOpened = resolve));
    this.ended = new Promise((resolve) => (tellEnded = resolve));
    const headers = { accept: 'text/event-stream', 'cache-control': 'no-cache', ...this.#headers };
    if (this.lastEventId) headers['last-event-id'] = this.lastEventId;
    const end = (why) => {
      tellOpened(this.status);
      tellEnded(why);
      this.#lost();
    };
    this.#request = http.get(this.#url, { headers, agent: false, localAddress: this.#from }, (response) => {
      this.status = response.statusCode;
      this.headers = response.headers;
      this.text = '';
      const isStream = this.status === 200 && /^text\/event-stream(;|$)/.test(response.headers['content-type'] ?? '');
      if (this.status === 200 && !isStream) this.violations.push(`type ${response.headers['content-type']}`);
      const cache = response.headers['cache-control'];
      if (isStream && cache !== 'no-store, no-transform') this.violations.push(`cache-control ${cache}`);
      if (!isStream) this.#again = false;
      const parser = this.#parser();
      response.on('data', (bytes) => {
        if (isStream) this.#bytes(parser, bytes);
        else this.text += bytes;
      });
      response.once('close', () => end(response.complete ? 'end' : 'cut'));
      tellOpened(this.status);
    });
    this.#request.once('error', (error) => end(error.code ?? 'error'));
  }

  #parser() {
    return new Parser({
      lastEventId: this.lastEventId,
      retry: (ms) => (this.retry = ms),
      empty: (lines) => this.violations.push(`a block of ${lines} lines without data`),
      dispatch: (event) => this.#event(event),
    });
  }

  #bytes(parser, bytes) {
    if (bytes.includes(13)) this.violations.push('a CR in the stream');
    parser.push(bytes);
    this.lastEventId = parser.lastEventId;
  }

  #event({ type, data, id }) {
    if (id !== '' && !ID.test(id)) this.violations.push(`${type}: id ${id}`);
    this.lastEventId = id;
    if (this.#sink) return this.#sink(type, data);
    // `position`: the numbers of `id`, without the epoch of the database.
    const event = {
      type,
      id,
      position: id.split('~')[0],
      raw: data,
      at: performance.now(),
      connection: this.connections,
    };
    try {
      event.data = JSON.parse(data);
    } catch {
      this.violations.push(`${type}: data is not JSON: ${data.slice(0, 200)}`);
    }
    if (/[\u0085\u2028\u2029]/.test(data)) this.violations.push(`${type}: a separator of lines in the data`);
    if (data.includes('\n')) this.violations.push(`${type}: more than one line of data`);
    this.events.push(event);
    for (const look of [...this.#waiting]) look();
  }

  #lost() {
    for (const look of [...this.#waiting]) look();
    if (!this.#again || this.#closed) return;
    this.#timer = setTimeout(() => !this.#closed && this.#connect(), (this.retry ?? 1000) * this.#haste);
  }

  // The events of that type, or all but ready and ping.
  of(type) {
    return this.events.filter((event) => (type ? event.type === type : !['ready', 'ping'].includes(event.type)));
  }

  // The first event, from number `from` on, of that type or for which the function is true.
  wait(what, ms = 10_000, from = 0) {
    const fits = typeof what === 'string' ? (event) => event.type === what : what;
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const look = () => {
        const event = this.events.slice(from).find(fits);
        if (!event) return;
        reportIfSlow(what, performance.now() - began, ms);
        done(resolve, event);
      };
      const timer = setTimeout(() => {
        const seen = this.events.slice(-20).map((event) => event.type);
        done(
          reject,
          new Error(`waited ${giveUpAfter(ms)} ms for ${what}; status ${this.status}, saw ${seen.join(', ')}`),
        );
      }, giveUpAfter(ms));
      this.#waiting.add(look);
      look();
    });
  }

  // Cuts the connection; with `reconnect` it comes back after its retry time.
  cut() {
    this.#request.destroy();
  }

  // Stops reading, so that the server sees a slow reader; resume() reads on.
  pause() {
    this.#request.socket?.pause();
  }

  resume() {
    this.#request.socket?.resume();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#request.destroy();
  }
}

// rooms: ['session:ses_…', 'stream:str_…']. Opens the stream of a client (rest.mjs) and waits for its status.
export async function openEvents(client, rooms, options = {}) {
  const query = rooms.map((room) => `room=${encodeURIComponent(room)}`).join('&');
  const stream = new EventStream(client.url(`events?${query}`), { headers: client.credentials(), ...options });
  await stream.opened;
  return stream;
}

// A stream whose rights end while it is open: `open(seconds)` gives the rights that long and opens it. Where the machine is
// too busy for that they get longer.
export async function openBeforeItsEnd(open) {
  for (let seconds = 2; ; seconds *= 3) {
    const stream = await open(seconds);
    await stream.opened;
    if (stream.status === 200 || seconds > 60) return stream;
    stream.close();
  }
}
