// SPDX-License-Identifier: Apache-2.0
// What `make install` and `make uninstall` do to a prefix, and what is in the tarball.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.TRACE_TEST_BUILD ?? join(root, 'build');
let directory;

before(() => (directory = mkdtempSync(join(tmpdir(), 'agent-trace-install-'))));
after(() => rmSync(directory, { recursive: true, force: true }));

const make = (...words) => run('make', ['-s', '-C', build, ...words], { maxBuffer: 1 << 26 });
const installData = (source, target, version) =>
  run('sh', [join(root, 'conf', 'install', 'data.sh'), source, target, version]);
const filesBelow = async (path) => (await run('find', [path, '!', '-type', 'd'])).stdout.split('\n').filter(Boolean);

// A tree with only what is installed, as small as it can be.
function makeSource(name, text) {
  const source = join(directory, name);
  for (const folder of ['static', 'migrations']) cpSync(join(root, folder), join(source, folder), { recursive: true });
  cpSync(join(root, 'admin', 'demo'), join(source, 'admin', 'demo'), { recursive: true });
  cpSync(join(root, 'conf', 'prices.json'), join(source, 'conf', 'prices.json'));
  writeFileSync(join(source, 'static', 'main.js'), text);
  return source;
}

test('uninstall leaves no file of what install has made', async () => {
  const stage = join(directory, 'stage');
  await make('install', `DESTDIR=${stage}`, 'prefix=/usr');
  const installed = await filesBelow(stage);
  for (const end of [
    '/bin/trace-admin',
    '/libexec/trace-pusher',
    '/include/agenttrace.h',
    '/share/man/man3/agenttrace.3',
  ])
    assert.ok(
      installed.some((path) => path.endsWith(end)),
      end,
    );
  const data = join(stage, 'usr', 'share', 'agent-trace');
  assert.ok(existsSync(join(data, 'static', 'vendor', 'preact.js')));
  assert.ok(existsSync(join(data, 'migrations', '0001_baseline.sql')));
  assert.ok(!existsSync(join(data, 'static', 'build')));
  await make('uninstall', `DESTDIR=${stage}`, 'prefix=/usr');
  assert.deepEqual(await filesBelow(stage), []);
  assert.ok(!existsSync(data));
});

test('another release takes the place of the one before at once, and that one stays until the next', async () => {
  const target = join(directory, 'data');
  const page = () => readFileSync(join(target, 'static', 'main.js'), 'utf8');
  const sources = ['first', 'second', 'third'].map((name) => makeSource(name, name));
  await installData(sources[0], target, '1.0.0');
  assert.equal(page(), 'first');

  let looked = 0;
  let isDone = false;
  const installing = installData(sources[1], target, '1.1.0').finally(() => (isDone = true));
  while (!isDone) {
    assert.match(page(), /^(first|second)$/);
    looked++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await installing;
  assert.ok(looked > 10, `looked ${looked} times`);
  assert.equal(page(), 'second');
  assert.equal(readFileSync(join(target, 'previous', 'static', 'main.js'), 'utf8'), 'first');

  await installData(sources[1], target, '1.1.0');
  assert.equal(readFileSync(join(target, 'previous', 'static', 'main.js'), 'utf8'), 'first');

  await installData(sources[2], target, '1.1.0');
  assert.equal(page(), 'third');
  assert.match(readlinkSync(join(target, 'current')), /^1\.1\.0-[0-9a-f]{8}$/);
  assert.equal(readdirSync(target).filter((name) => /^[0-9]/.test(name)).length, 2);
});

test('a page without its packages is not installed, and what was there stays', async () => {
  const target = join(directory, 'whole');
  const source = makeSource('broken', 'broken');
  await installData(source, target, '1.0.0');
  rmSync(join(source, 'static', 'vendor'), { recursive: true });
  await assert.rejects(installData(source, target, '1.1.0'), /vendor is missing/);
  assert.equal(readFileSync(join(target, 'static', 'main.js'), 'utf8'), 'broken');
  assert.match(readlinkSync(join(target, 'current')), /^1\.0\.0-/);
});

test('the tarball has every file of the repository, and the packages of the page', async () => {
  await make('distdir', `distdir=${join(directory, 'tarball')}`);
  const { stdout } = await run('git', ['-C', root, 'ls-files'], { maxBuffer: 1 << 24 });
  for (const file of stdout.split('\n').filter((name) => name && existsSync(join(root, name))))
    assert.ok(existsSync(join(directory, 'tarball', file)), file);
  for (const file of ['configure', 'build-aux/tap-driver.sh', 'static/vendor/preact.js', 'MANIFEST'])
    assert.ok(existsSync(join(directory, 'tarball', file)), file);
  assert.ok(!existsSync(join(directory, 'tarball', 'node_modules')));
});
