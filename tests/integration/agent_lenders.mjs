// SPDX-License-Identifier: Apache-2.0
// MCP servers for tests of the agent: the published ones that ./check installs, and agents that know them.
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { Program, startAgent, startScriptedModel } from './agent_stage.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const foreign = join(root, 'tests/foreign');
const published = (name) => join(foreign, 'node_modules/@modelcontextprotocol', name, 'dist/index.js');

export const everything = published('server-everything');

// A folder that the agent's user can read.
export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'agent-trace-lenders-'));
  chmodSync(path, 0o755);
  return path;
}

// The settings of a published server that is a program, or of a script of ours.
export const program = (script, args = [], more = {}) => ({
  command: process.execPath,
  args: [script, ...args],
  reads: [foreign, fileURLToPath(new URL('.', import.meta.url))],
  ...more,
});
export const filesOf = (path, more) => program(published('server-filesystem'), [path], { writes: [path], ...more });

// The published server at an address.
export async function startEverything() {
  const port = await freePort();
  const server = new Program(process.execPath, [everything, 'streamableHttp'], { ...process.env, PORT: `${port}` });
  await server.says(`${port}`, 60_000);
  return Object.assign(server, { url: `http://127.0.0.1:${port}/mcp` });
}

// A model that makes the calls of `script` one after the other, and then repeats what it was told of the last.
export function startCaller(script) {
  return startScriptedModel((messages) => {
    const told = messages.filter((message) => message.role === 'tool');
    const next = script.calls[told.length];
    if (next?.content) return next;
    return next ? { call: next } : { content: told.at(-1)?.content ?? 'nothing to call' };
  });
}

// An agent with these servers. `knows`: of how many it has heard before the test goes on.
export async function startBorrower(instance, model, servers, { env = {}, knows = 0 } = {}) {
  const file = join(folder(), 'servers.json');
  writeFileSync(file, JSON.stringify({ mcpServers: servers }));
  const agent = await startAgent(instance, model, { env: { TRACE_MCP_SERVERS: file, ...env } });
  await until(() => agent.output.split('a tool server answers').length > knows, `${knows} tool servers`, 60_000);
  return agent;
}
