// migrate: in order, each once, whole or not at all, whoever else does it at the same time.
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, root } from './admin.mjs';

let instance;
let db;
let directory;
const files = readdirSync(join(root, 'migrations')).filter((name) => name.endsWith('.sql')).sort();
const latest = Number(files.at(-1).slice(0, 4));

before(async () => (instance = await start()));
after(() => instance?.stop());
beforeEach(async (t) => {
  db = await Database.make(instance);
  directory = mkdtempSync(join(tmpdir(), 'agent-trace-migrations-'));
  cpSync(join(root, 'migrations'), directory, { recursive: true });
  t.after?.(() => rmSync(directory, { recursive: true, force: true }));
});

const migrate = (...more) => db.good(['migrate', '--from', directory, ...more]);
const refused = async () => {
  const { status, err } = await db.admin(['migrate', '--from', directory]);
  return { status, err };
};
const history = () => db.sql('SELECT number, name FROM schema_migrations ORDER BY number');

test('all of them once, then nothing', async () => {
  assert.deepEqual(await migrate(), { version: latest, applied: files, appRole: 'trace_app' });
  assert.deepEqual(await migrate(), { version: latest, applied: [], appRole: 'trace_app' });
  assert.deepEqual((await history()).map((row) => row[1]), files);
});

test('the installed files are those of the tree', async () => {
  assert.deepEqual((await db.good(['migrate'])).applied, files);
  assert.deepEqual(await migrate(), { version: latest, applied: [], appRole: 'trace_app' });
});

test('of several at once one applies them', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => migrate()));
  assert.deepEqual(all.map(({ applied }) => applied.length).sort((a, b) => a - b), [0, 0, 0, files.length]);
});

test('a file that was applied and then changed is refused', async () => {
  await migrate();
  appendFileSync(join(directory, files[0]), '-- an afterthought\n');
  const { status, err } = await refused();
  assert.equal(status, 2);
  assert.match(err, new RegExp(`${files[0]} was applied with another text`));
});

test('one that fails leaves nothing behind, those before it stay', async () => {
  writeFileSync(join(directory, '9001_good.sql'), 'CREATE TABLE good (id text);');
  writeFileSync(join(directory, '9002_bad.sql'), 'CREATE TABLE half (id text);\nINSERT INTO half VALUES (1/0);');
  const { status, err } = await refused();
  assert.equal(status, 1);
  assert.match(err, /division by zero/);
  assert.match(err, /9002_bad.sql was not applied/);
  assert.deepEqual(await db.sql("SELECT to_regclass('good') IS NULL, to_regclass('half') IS NULL"), [['f', 't']]);
  assert.equal((await history()).at(-1)[0], '9001');
  writeFileSync(join(directory, '9002_bad.sql'), 'CREATE TABLE half (id text);');
  assert.deepEqual((await migrate()).applied, ['9002_bad.sql']);
});

test('two files of one number, and a database from the future, are refused', async () => {
  writeFileSync(join(directory, '9001_one.sql'), 'SELECT 1;');
  await migrate();
  rmSync(join(directory, '9001_one.sql'));
  assert.match((await refused()).err, /the database is at 9001, newer than these migrations/);
  writeFileSync(join(directory, `${files[0].slice(0, 4)}_twin.sql`), 'SELECT 1;');
  assert.match((await refused()).err, /two migrations with the number/);
});

test("the programs' role reads and writes every table, future ones too, and changes no schema", async () => {
  await migrate();
  writeFileSync(join(directory, '9001_later.sql'), 'CREATE TABLE later (id text);');
  await migrate('--app-role', 'trace_app');
  for (const table of ['workspaces', 'steps', 'later'])
    await db.sql(`INSERT INTO ${table} SELECT * FROM ${table} WHERE false; DELETE FROM ${table} WHERE false`, { role: 'trace_app' });
  await db.sql('SELECT can_read_stream(NULL, NULL); SELECT count(*) FROM schema_migrations', { role: 'trace_app' });
  await assert.rejects(db.sql('CREATE TABLE mine (id text)', { role: 'trace_app' }), /permission denied/);
  await assert.rejects(db.sql('DELETE FROM schema_migrations', { role: 'trace_app' }), /permission denied/);
  const { status, err } = await db.admin(['migrate', '--from', directory, '--app-role', 'nobody here']);
  assert.equal(status, 2);
  assert.match(err, /there is no role nobody here/);
});

test('tables with rows are analysed, empty ones are not', async () => {
  await migrate();
  await db.good(['create-workspace', 'Main']);
  await migrate();
  const rows = await db.sql("SELECT relname, reltuples FROM pg_class WHERE relname IN ('workspaces', 'steps') ORDER BY 1");
  assert.deepEqual(rows, [['steps', '-1'], ['workspaces', '1']]);
});
