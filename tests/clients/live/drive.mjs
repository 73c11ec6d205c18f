// SPDX-License-Identifier: Apache-2.0
// Runs the agent with one of the clients, and reads what became of it.
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Proxy } from '../../integration/emitter_proxy.mjs';
import { newId } from '../../lib/ids.mjs';
import { clients } from './clients.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
// Some of the clients want Node 22, which npm brings.
export const node =
  [`node_modules/node-linux-${process.arch}/bin/node`].map((path) => join(here, path)).find(existsSync) ??
  process.execPath;

// Answers the first requests that carry anything badly, and then is well.
export class Trouble extends Proxy {
  constructor(target, troubles) {
    super(target, 1);
    // Between two of them all is well, since some clients try three times in all.
    this.left = troubles.flatMap((trouble) => [trouble, 'pass']);
  }

  async take(request, response) {
    this.isPost = request.method === 'POST';
    await super.take(request, response);
  }
  pick() {
    return (this.isPost && this.left.shift()) || 'pass';
  }
  async tooMany(request, response) {
    response.writeHead(429, { 'retry-after': '1' }).end();
  }
  async unavailable(request, response) {
    response.writeHead(503, { 'retry-after': '1' }).end();
  }
}

// A token of a persona of its own: what a client sends is found by its persona.
export async function newToken(world, silenceS = 600) {
  const persona = newId('per');
  const secret = `atk_${newId('tok').toLowerCase()}`;
  await world.sql(`
    INSERT INTO personas (id, workspace_id, name, slug, avatar)
      VALUES ('${persona}', '${world.ids.ws}', '${persona}', '${persona.toLowerCase()}', 'P');
    INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes, silence_s)
      VALUES ('${newId('tok')}', '${world.ids.ws}', '${persona}', sha256('${secret}'), '{ingest}', ${silenceS});`);
  return { persona, secret };
}

// `lines`: [word, name, ms]; `next(word)` waits for that line.
export function launch(name, base, token, env = {}) {
  const { app, env: envOf } = clients[name];
  const child = spawn(node, ['app.mjs'], {
    cwd: join(here, 'apps', app),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...envOf(base, token), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = [];
  const heard = new EventEmitter();
  let errors = '';
  let ended;
  child.stderr.on('data', (text) => (errors += text));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, one, ms] = line.split(' ');
    lines.push([word, one, Number(ms)]);
    heard.emit('line');
  });
  const status = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  status.then((code) => {
    ended = code;
    heard.emit('line');
  });
  const said = (word) => lines.filter(([first]) => first === word);
  const next = async (word) => {
    while (!said(word).length) {
      if (ended !== undefined) throw new Error(`the client ended with ${ended}:\n${errors.slice(-4000)}`);
      await once(heard, 'line');
    }
    return said(word)[0];
  };
  return { status, said, next, errors: () => errors.slice(-4000), kill: (signal) => child.kill(signal) };
}

const toolOf = (step) => step.content?.tool ?? step.name.replace(/^execute_tool |\.tool$/g, '');
const WORDS = { generation: () => 'model', tool_call: toolOf };
const MARKS = { failed: ' !', running: ' …', interrupted: ' ?' };

// The calls of models and tools of a session as lines in the order of its tree, with `>` for each call of `delegate` that
// they are in.
export function skeleton(steps) {
  const ids = new Set(steps.map((step) => step.id));
  const order = (a, b) => a.startedUs - b.startedUs || a.stepNumber - b.stepNumber;
  const below = (id) =>
    steps.filter((step) => (ids.has(step.parentStepId) ? step.parentStepId : undefined) === id).toSorted(order);
  const lines = [];
  const walk = (id, depth) => {
    for (const step of below(id)) {
      const word = WORDS[step.stepType]?.(step);
      if (word) lines.push(`${'> '.repeat(depth)}${word}${MARKS[step.status] ?? ''}`);
      walk(step.id, depth + (word === 'delegate'));
    }
  };
  walk(undefined, 0);
  return lines;
}
