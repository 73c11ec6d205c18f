// SPDX-License-Identifier: Apache-2.0
// What the page offers to copy (static/connect/snippets.js), run as it stands there: with a token as the page makes it, and
// programs that know nothing of Agent Trace.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { snippets } from '../../static/connect/snippets.js';
import { addPersona } from '../lib/people.mjs';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import { node } from './live/drive.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.TRACE_TEST_BUILD ?? join(root, 'build');
const apps = fileURLToPath(new URL('live/apps', import.meta.url));

let instance, person;
const folders = [];
before(async () => {
  instance = await start();
  person = await personOf(instance);
});
after(async () => {
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
  await instance?.stop();
});

function folderIn(parent) {
  const folder = mkdtempSync(join(parent, 'snippet-'));
  folders.push(folder);
  return folder;
}

function save(folder, name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

// In the environment of a shell that has taken it, and nothing else of ours.
const inShell = (app) => (text) => run('bash', ['-c', `${text}\nexec "$0" app.mjs`, node], { cwd: join(apps, app) });
// Before a program that stands where the packages are.
const imported = (app) => (text) => {
  const cwd = join(apps, app);
  const telemetry = save(folderIn(cwd), 'telemetry.mjs', text);
  return run(node, ['--import', telemetry, 'plain.mjs'], { cwd });
};

// How each is run, and how many steps it makes.
const ways = {
  langgraph: [inShell('langgraph'), 27],
  opentelemetry: [inShell('otel'), 15],
  'ai-sdk': [imported('ai-7'), 13],
  'openai-agents': [imported('openai-agents'), 13],
  javascript: [
    (text) => {
      const folder = folderIn(tmpdir());
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(join(root, 'clients/js'), join(folder, 'node_modules/agent-trace'));
      return run(process.execPath, [save(folder, 'hello.mjs', text)]);
    },
    1,
  ],
  python: [
    (text) =>
      run('python3', [save(folderIn(tmpdir()), 'hello.py', text)], {
        env: { ...process.env, PYTHONPATH: join(root, 'clients/python') },
      }),
    1,
  ],
  c: [
    async (text) => {
      const folder = folderIn(tmpdir());
      const library = join(build, 'emitter/.libs/libagenttrace.a');
      const source = save(folder, 'hello.c', text);
      const words = ['-Wall', '-Werror', `-I${join(root, 'emitter')}`, source, library];
      await run('cc', [...words, '-lcurl', '-ljansson', '-lm', '-pthread', '-o', join(folder, 'hello')]);
      return run(join(folder, 'hello'));
    },
    1,
  ],
  curl: [(text) => run('bash', ['-c', text]), 1],
};

test('every snippet has its way here', () => {
  assert.deepEqual(
    snippets.map(({ id }) => id),
    Object.keys(ways),
  );
});

for (const { id, scopes, text } of snippets)
  test(`${id}: what is copied records a session, as it stands`, async () => {
    const [way, least] = ways[id];
    const persona = await addPersona(instance, id);
    const { secret } = (await person.post('tokens', { personaId: persona.id, scopes })).expect(201).body;
    await way(text({ origin: instance.url, workspace: person.workspace, token: secret }));
    const read = async () => (await person.get(`agent-sessions?personaId=${persona.id}`)).expect(200).body.sessions;
    // What the doors take settles once nothing more has come for a while.
    const sessions = await until(
      async () => {
        const found = await read();
        return found.every(({ status }) => status !== 'running') && found;
      },
      'the session to end',
      60_000,
    );
    assert.equal(sessions.length, 1);
    assert.equal(sessions[0].status, 'completed');
    assert.ok(sessions[0].stepCount >= least, `${sessions[0].stepCount} steps`);
  });
