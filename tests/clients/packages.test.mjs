// SPDX-License-Identifier: Apache-2.0
// The packages: made without the network, complete, and usable where they are installed. The README's first trace of
// clients/js runs as it stands from the unpacked package.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';

const run = promisify(execFile);
const clients = fileURLToPath(new URL('../../clients', import.meta.url));
let instance, person, folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agent-trace-packages-'));
  instance = await start();
  person = await personOf(instance);
});
after(async () => {
  await instance?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("npm pack makes a package that has everything, and the README's first trace runs from it", async () => {
  const { stdout } = await run('npm', ['pack', '--offline', '--json', '--pack-destination', folder], {
    cwd: join(clients, 'js'),
  });
  const [{ filename, files }] = JSON.parse(stdout);
  const paths = files.map(({ path }) => path);
  for (const path of ['LICENSE', 'NOTICE', 'README.md', 'src/index.js', 'types/index.d.ts'])
    assert.ok(paths.includes(path), `${path} is not in the package`);
  const app = join(folder, 'app');
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  await run('tar', ['xzf', join(folder, filename), '-C', join(app, 'node_modules')]);
  cpSync(join(app, 'node_modules/package'), join(app, 'node_modules/agent-trace'), { recursive: true });
  // Each entry of the package loads by its name.
  const { exports } = JSON.parse(readFileSync(join(clients, 'js/package.json'), 'utf8'));
  const names = Object.keys(exports).filter((name) => !name.endsWith('.json'));
  const imports = names.map((name) => `await import('agent-trace${name.slice(1)}');`).join('\n');
  writeFileSync(join(app, 'all.mjs'), imports);
  await run(process.execPath, ['all.mjs'], { cwd: app });
  const [, code] = /```js\n([^]*?)```/.exec(readFileSync(join(clients, 'js/README.md'), 'utf8'));
  writeFileSync(join(app, 'first.mjs'), code);
  await run(process.execPath, ['first.mjs'], { cwd: app, env: { ...process.env, ...instance.env } });
  const [{ id }] = await instance.psql("SELECT id FROM agent_sessions WHERE title = 'Hello'");
  const { session, steps } = (await person.get(`agent-sessions/${id}`)).expect(200).body;
  assert.equal(session.status, 'completed');
  assert.deepEqual(
    steps.map((step) => [step.stepType, step.status, step.content, step.usage]),
    [['thinking', 'completed', 'Say hello.', { outputTokens: 3 }]],
  );
});

// The first Python that has setuptools and wheel, as Debian's has.
async function findPython() {
  for (const python of ['python3', '/usr/bin/python3'])
    if (await run(python, ['-c', 'import setuptools, wheel']).then(Boolean, () => false)) return python;
  return undefined;
}

test('the wheel and the source distribution of clients/python', async (t) => {
  const python = await findPython();
  if (!python) return t.skip('no Python with setuptools and wheel');
  // Copied, because setuptools leaves its own files beside the source.
  const source = join(folder, 'python');
  cpSync(join(clients, 'python'), source, { recursive: true });
  const build = `import os; from setuptools import build_meta as b; os.makedirs('dist'); b.build_wheel('dist'); b.build_sdist('dist')`;
  await run(python, ['-c', build], { cwd: source });
  const made = readdirSync(join(source, 'dist'));
  const wheel = made.find((name) => /^agent_trace-[\d.]+-py3-none-any\.whl$/.test(name));
  assert.ok(wheel && made.some((name) => /^agent[_-]trace-[\d.]+\.tar\.gz$/.test(name)), made.join(' '));
  const { stdout } = await run(python, ['-m', 'zipfile', '-l', join(source, 'dist', wheel)]);
  for (const name of ['agent_trace/py.typed', 'agent_trace/_lane.py', 'LICENSE', 'NOTICE', 'METADATA'])
    assert.ok(stdout.includes(name), `${name} is not in the wheel`);
  // It is importable from the wheel itself.
  const code = 'import agent_trace; print(agent_trace.__version__)';
  const { stdout: version } = await run('python3', ['-c', code], {
    env: { ...process.env, PYTHONPATH: join(source, 'dist', wheel) },
    cwd: folder,
  });
  assert.ok(wheel.includes(`-${version.trim()}-`));
});
