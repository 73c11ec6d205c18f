// SPDX-License-Identifier: Apache-2.0
// The programs of agent/ in a test: an agent at an instance's persona, the demo model with faults, and small servers
// that stand in for the rest of the world. Everything ends with the test.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { until } from '../lib/patience.mjs';

const children = new Set();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));

// Where the programs of the instance are installed.
const programs = (instance) => join(instance.prefix, 'bin');

// The user that `run` gives an agent; without root everything runs as ourselves.
function agentUser() {
  if (process.getuid() !== 0) return {};
  const id = (option) => Number(execFileSync('id', [option, 'agent-trace-agent'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

// True if the programs are built with a sanitizer, or are scripts that start them in valgrind.
export function isWatched(instance) {
  const program = readFileSync(join(programs(instance), 'trace-agent'));
  return (
    program.includes('__asan_init') || program.includes('__tsan_init') || program.subarray(0, 2).toString() === '#!'
  );
}

export class Program {
  #child;
  output = '';

  constructor(file, args, env, user = {}) {
    this.#child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env, ...user });
    children.add(this.#child);
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.output += text));
    this.ended = new Promise((resolve, reject) =>
      this.#child.once('close', (code, signal) => {
        children.delete(this.#child);
        // This rejects even if the test never awaits the end.
        if (/Sanitizer|runtime error:/.test(this.output)) reject(new Error(this.output));
        else resolve({ code, signal });
      }),
    );
  }

  // Waits until its log contains the text.
  says(text, ms = 15_000) {
    return until(() => this.output.includes(text), `"${text}" in ${this.output}`, ms);
  }

  kill(signal = 'SIGKILL') {
    this.#child.kill(signal);
    return this.ended;
  }

  stop() {
    return this.kill('SIGTERM');
  }
}

// The demo model with faults; with `pace` 0 it streams as fast as it can. `url` is the base for TRACE_MODEL_URL.
export async function startModel(instance, { pace = 0 } = {}) {
  const model = new Program(
    join(programs(instance), 'demo-model'),
    ['--port', '0', '--pace', `${pace}`, '--faults'],
    process.env,
  );
  await model.says('url=');
  model.url = /url=(\S+)/.exec(model.output)[1];
  return model;
}

// An agent on duty for the instance's persona. `wrap`: words to put before the program's name. `awaits`: what its log must say first.
export async function startAgent(instance, model, { env = {}, wrap = [], awaits = 'on duty' } = {}) {
  const { TRACE_WORKSPACE, TRACE_TOKEN, TRACE_PERSONA } = instance.env;
  const words = [...wrap, join(programs(instance), 'trace-agent')];
  const agent = new Program(
    words[0],
    words.slice(1),
    {
      PATH: process.env.PATH,
      TRACE_URL: instance.url,
      TRACE_WORKSPACE,
      TRACE_TOKEN,
      TRACE_PERSONA,
      TRACE_MODEL_URL: model.url,
      TRACE_MODEL_STALL: '10',
      TRACE_MODEL_TRIES: '3',
      ...env,
    },
    agentUser(),
  );
  await agent.says(awaits, 30_000);
  return agent;
}

// An HTTP server outside the instance: `answer(request, response, body)`.
export async function startServer(answer) {
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => (body += text));
    request.once('end', () => answer(request, response, body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => (server.closeAllConnections?.(), server.close()),
  };
}

// A model that says what the test makes it say: `turn(messages, n)` returns {content?, reasoning?, call?: [name, arguments]},
// or a promise of that. `aborted` counts the requests whose client went away.
export async function startScriptedModel(turn) {
  const model = { aborted: 0, requests: [], headers: [] };
  const server = await startServer(async (request, response, text) => {
    if (request.method !== 'POST') return response.writeHead(404).end(); // it lists no models
    const body = JSON.parse(text);
    model.requests.push(body);
    model.headers.push(request.headers);
    response.once('close', () => (model.aborted += response.writableFinished ? 0 : 1));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const say = (delta, finish = null) =>
      response.write(
        `data: ${JSON.stringify({ model: 'scripted', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
      );
    say({ role: 'assistant' });
    const { content, reasoning, call } = await turn(body.messages, model.requests.length);
    if (reasoning) say({ reasoning_content: reasoning });
    if (content) say({ content });
    if (call)
      say({
        tool_calls: [
          {
            index: 0,
            id: 'call_1',
            type: 'function',
            function: { name: call[0], arguments: typeof call[1] === 'string' ? call[1] : JSON.stringify(call[1]) },
          },
        ],
      });
    say({}, call ? 'tool_calls' : 'stop');
    response.end('data: [DONE]\n\n');
  });
  return Object.assign(model, { url: `${server.url}/v1`, stop: server.stop });
}

// A person who asks the persona, and sees what becomes of it.
export class Asker {
  #count = 0;

  constructor(person, instance) {
    Object.assign(this, { person, instance });
  }

  async channel(fields = {}) {
    const body = { type: 'channel', name: `asked ${process.pid} ${++this.#count}`, ...fields };
    return (await this.person.post('streams', body)).expect(201).body.stream;
  }

  // The session that a message starts.
  async ask(streamId, content) {
    const message = await this.say(streamId, content);
    const find = async () =>
      (
        await this.instance.psql(
          `SELECT id, stream_id FROM agent_sessions WHERE trigger_message_id = '${message.id}' ORDER BY id`,
        )
      )[0];
    const session = await until(find, 'a session');
    return { id: session.id, streamId: session.stream_id, messageId: message.id };
  }

  async say(streamId, content) {
    return (await this.person.post(`streams/${streamId}/messages`, { content })).expect(201).body.message;
  }

  async trace(sessionId) {
    return (await this.person.get(`agent-sessions/${sessionId}`)).expect(200).body;
  }

  // The trace once the session has ended.
  ended(sessionId, ms = 30_000) {
    const look = async () => {
      const trace = await this.trace(sessionId);
      return ['completed', 'failed', 'cancelled'].includes(trace.session.status) ? trace : undefined;
    };
    return until(look, `the end of ${sessionId}`, ms);
  }

  // Asks in a channel of its own, and waits for the end.
  async run(content, ms) {
    const stream = await this.channel();
    const session = await this.ask(stream.id, content);
    return { ...(await this.ended(session.id, ms)), asked: session };
  }

  async messages(streamId) {
    const { events } = (await this.person.get(`streams/${streamId}/events?limit=500`)).expect(200).body;
    return events.filter((event) => event.type === 'message:created').map((event) => event.message);
  }
}

export const types = (trace) => trace.steps.map((step) => step.stepType);
export const only = (trace, type) => trace.steps.filter((step) => step.stepType === type);
