// SPDX-License-Identifier: Apache-2.0
// The small agent that every client records, without any client: what its models say, and its tools. It searches, reads a
// page and fails, hands a question to a nested agent, searches twice at once, and answers: seven calls of a model, six of
// tools. RUN=stopped stops inside of the nested agent's search, until SIGUSR2 (a person cancels) or the process is killed.
import { setTimeout as sleep } from 'node:timers/promises';

export const QUESTION = 'How does one leave the labyrinth?';
export const ANSWER = 'By following the thread.';
export const MODEL = 'fake-1';
export const USAGE = { input: 100, output: 20 };
const PACE_MS = Number(process.env.PACE_MS ?? 30);

const call = (id, name, args) => ({ id, name, args });
const turns = {
  ariadne: [
    { calls: [call('c1', 'search', { query: 'labyrinth exit' })] },
    { calls: [call('c2', 'read_page', { url: 'https://maze.example/exit' })] },
    { calls: [call('c3', 'delegate', { question: 'What did Theseus use?' })] },
    { calls: [call('c4', 'search', { query: 'ariadne thread' }), call('c5', 'search', { query: 'daedalus plan' })] },
    { text: ANSWER },
  ],
  researcher: [{ calls: [call('c6', 'search', { query: 'theseus thread' })] }, { text: 'A thread.' }],
};

const controller = new AbortController();
export const { signal } = controller;
process.on('SIGUSR2', () => controller.abort(new DOMException('stopped by the person', 'AbortError')));

// What the test reads: word, name, and the wall clock in milliseconds.
export function say(word, name = '-') {
  console.log(`${word} ${name} ${performance.timeOrigin + performance.now()}`);
}

const pace = () => sleep(PACE_MS, undefined, { signal });

// The turns of one run of an agent: each call gives the next. `{reasoning?, text?, calls?}`
export function modelOf(agent) {
  const left = [...turns[agent]];
  return async () => {
    say('model', agent);
    await pace();
    return left.shift();
  };
}

async function stop() {
  say('stopped');
  // Something must keep the process alive.
  await sleep(1 << 30, undefined, { signal });
}

export const tools = {
  async search({ query }) {
    say('start', `search:${query.replaceAll(' ', '_')}`);
    if (process.env.RUN === 'stopped' && query === 'theseus thread') await stop();
    await pace();
    return `found: ${query}`;
  },
  async read_page({ url }) {
    say('start', 'read_page');
    await pace();
    throw new TypeError(`no such page: ${url}`);
  },
};

// For clients that record what they are told: the agent's loop itself. `record(kind, name, input, work)` records what
// happens while `work` runs and gives its result; kinds are agent, model and tool.
export function runByHand(record) {
  const use = async ({ name, args }) => {
    if (name !== 'delegate') return tools[name](args);
    say('start', 'delegate');
    return record('agent', 'researcher', args, () => loop('researcher'));
  };
  const loop = async (agent) => {
    const model = modelOf(agent);
    const messages = [{ role: 'user', content: QUESTION }];
    for (;;) {
      const turn = await record('model', MODEL, messages, model);
      if (!turn.calls) return turn.text;
      const results = turn.calls.map((one) =>
        record('tool', one.name, one.args, () => use(one), one).catch((error) => {
          signal.throwIfAborted();
          return `error: ${error.message}`;
        }),
      );
      for (const content of await Promise.all(results)) messages.push({ role: 'tool', content });
    }
  };
  return record('agent', 'ariadne', QUESTION, () => loop('ariadne'));
}

// Runs `main` and gives what is queued to `flush`, also if the agent was cancelled.
export async function run(main, flush = async () => {}) {
  say('begin');
  try {
    await main();
  } catch (error) {
    if (!signal.aborted) throw error;
    say('cancelled');
  }
  say('end');
  await flush();
}
