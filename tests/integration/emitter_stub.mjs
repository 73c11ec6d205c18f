// SPDX-License-Identifier: Apache-2.0
// A small server for faults that only HTTP can have: it keeps writes by id, and lets a test answer first.
import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';

export class Stub {
  sessions = new Map();
  steps = new Map();
  messages = new Map();
  requests = [];
  connections = new Set();
  streams = new Map();
  // (request, n) => true if it has taken the request over.
  before = () => false;

  // `tls`: { key, cert } for HTTPS.
  async start(tls) {
    const take = async (request, response) => {
      let body = '';
      request.setEncoding('utf8');
      for await (const piece of request) body += piece;
      request.text = body;
      this.connections.add(request.socket);
      this.requests.push({
        method: request.method,
        path: request.url,
        headers: request.headers,
        body,
        at: performance.now(),
      });
      if (this.before(request, response, this.requests.length)) return;
      this.answer(request, response);
    };
    this.server = tls ? https.createServer(tls, take) : http.createServer(take);
    this.server.keepAliveTimeout = 60_000;
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `${tls ? 'https' : 'http'}://127.0.0.1:${this.server.address().port}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  send(response, status, value, headers = {}) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(value === undefined ? undefined : JSON.stringify(value));
  }

  problem(response, status, code, more = {}, headers = {}) {
    this.send(response, status, { title: code, status, detail: code, code, ...more }, headers);
  }

  answer(request, response) {
    const path = request.url.replace(/^\/api\/workspaces\/[^/]+\//, '');
    if (path.startsWith('events?')) return this.openStream(path, response);
    const body = JSON.parse(request.text || '{}');
    const [kind, id, verb, step, what] = path.split('/');
    if (kind === 'streams')
      return this.keep(response, this.messages, body.clientMessageId, 'message', { id: `msg_${id.slice(4)}`, ...body });
    if (!id) return this.keep(response, this.sessions, body.id, 'session', { ...body, status: 'running' });
    const session = this.sessions.get(id);
    if (verb === 'steps' && what === 'progress') return this.send(response, 202);
    if (session.status !== 'running')
      return this.problem(response, 409, 'session_ended', { sessionStatus: session.status });
    if (verb === 'heartbeat') return this.send(response, 204);
    if (request.method === 'PUT') {
      this.steps.set(step, { sessionId: id, ...this.steps.get(step), ...body });
      return this.send(response, 200, { step: this.steps.get(step), changed: [], ignored: [] });
    }
    if (verb === 'steps' && !step) return this.keep(response, this.steps, body.id, 'step', { sessionId: id, ...body });
    if (verb === 'steps')
      return this.send(response, 200, { step: Object.assign(this.steps.get(step), body, { completed: true }) });
    session.status = 'completed';
    return this.send(response, 200, { session: Object.assign(session, body) });
  }

  keep(response, map, id, name, value) {
    const known = map.get(id);
    if (!known) map.set(id, value);
    this.send(response, known ? 200 : 201, { [name]: known ?? value });
  }

  openStream(path, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1000\n\nevent: ready\nid: 0\ndata: {}\n\n');
    this.streams.set(path.split('session:')[1], response);
  }

  end(sessionId, status) {
    this.sessions.get(sessionId).status = status;
    this.streams.get(sessionId).write(`event: agent_session:${status}\ndata: {}\n\n`);
  }
}
