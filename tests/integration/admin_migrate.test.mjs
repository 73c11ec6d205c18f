// SPDX-License-Identifier: Apache-2.0
// migrate: in order, each once, whole or not at all, whoever else does it at the same time; functions again when their text
// has changed.
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, root } from './admin.mjs';

let instance;
let db;
let directory;
const files = readdirSync(join(root, 'migrations'))
  .filter((name) => name.endsWith('.sql'))
  .sort();
const functions = readdirSync(join(root, 'migrations', 'functions')).sort();
const all = [...files, ...functions.map((name) => `functions/${name}`)];
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

test('all migrations are applied once, and then none', async () => {
  assert.deepEqual(await migrate(), { version: latest, applied: all, appRole: 'trace_app' });
  assert.deepEqual(await migrate(), { version: latest, applied: [], appRole: 'trace_app' });
  assert.deepEqual(
    (await history()).map((row) => row[1]),
    files,
  );
});

test('the installed files are those of the tree', async () => {
  assert.deepEqual((await db.good(['migrate'])).applied, all);
  assert.deepEqual(await migrate(), { version: latest, applied: [], appRole: 'trace_app' });
});

test('when several run at once, one of them applies the migrations', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => migrate()));
  assert.deepEqual(
    answers.map(({ applied }) => applied.length).sort((a, b) => a - b),
    [0, 0, 0, all.length],
  );
});

test('a database that does not store UTF-8 is refused, and nothing is made in it', async () => {
  const name = `latin_${process.pid}`;
  await instance.psql(`CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`);
  db.url = db.url.replace(/\/admin_\w+/, `/${name}`);
  const { status, err } = await refused();
  assert.equal(status, 2);
  assert.match(err, /UTF-8/);
  assert.deepEqual(await db.sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"), []);
});

test('a file that was applied and then changed is refused', async () => {
  await migrate();
  appendFileSync(join(directory, files[0]), '-- an afterthought\n');
  const { status, err } = await refused();
  assert.equal(status, 2);
  assert.match(err, new RegExp(`${files[0]} was applied with another text`));
});

const returns = async (name) => (await db.sql(`SELECT ${name}()`))[0][0];

test('functions are applied again when their text has changed, those alone', async () => {
  const file = join(directory, 'functions', 'zz_answer.sql');
  const text = (n) => `CREATE OR REPLACE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT ${n}';\n`;
  await migrate();
  writeFileSync(file, text(41));
  assert.deepEqual((await migrate()).applied, ['functions/zz_answer.sql']);
  writeFileSync(file, text(42));
  assert.deepEqual((await migrate()).applied, ['functions/zz_answer.sql']);
  assert.equal(await returns('answer'), '42');
  assert.deepEqual((await migrate()).applied, []);
});

test('functions come after the migrations, and all of the changed ones or none', async () => {
  await migrate();
  writeFileSync(join(directory, '9001_table.sql'), 'CREATE TABLE later (n integer);');
  const good = "CREATE OR REPLACE FUNCTION good() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM later';";
  writeFileSync(join(directory, 'functions', 'a_good.sql'), good);
  writeFileSync(join(directory, 'functions', 'b_bad.sql'), 'CREATE OR REPLACE FUNCTION bad(');
  const { status, err } = await refused();
  assert.equal(status, 1);
  assert.match(err, /functions\/b_bad.sql/);
  await assert.rejects(returns('good'), /does not exist/);
  writeFileSync(join(directory, 'functions', 'b_bad.sql'), 'SELECT 1;');
  assert.deepEqual((await migrate()).applied, ['functions/a_good.sql', 'functions/b_bad.sql']);
  assert.equal(await returns('good'), '0');
});

test('no index and no column depends on a function that is applied again', async () => {
  await migrate();
  // Every dependency on one of them is a view's, a trigger's or none. What a migration made never changes.
  const again = functions.flatMap((file) =>
    [...readFileSync(join(directory, 'functions', file), 'utf8').matchAll(/^CREATE OR REPLACE FUNCTION (\w+)/gm)].map(
      ([, name]) => name,
    ),
  );
  assert.ok(again.length > 50, String(again));
  const used = await db.sql(`
    SELECT DISTINCT p.proname FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid
    WHERE d.refclassid = 'pg_proc'::regclass AND p.pronamespace = 'public'::regnamespace
      AND d.classid NOT IN ('pg_rewrite'::regclass, 'pg_trigger'::regclass)`);
  assert.deepEqual(
    used.flat().filter((name) => again.includes(name)),
    [],
  );
});

test('a migration that fails leaves nothing behind, and those before it stay', async () => {
  writeFileSync(join(directory, '9001_good.sql'), 'CREATE TABLE good (id text);');
  writeFileSync(join(directory, '9002_bad.sql'), 'CREATE TABLE half (id text);\nINSERT INTO half VALUES (1/0);');
  const { status, err } = await refused();
  assert.equal(status, 1);
  assert.match(err, /division by zero/);
  assert.match(err, /9002_bad.sql was not applied/);
  assert.deepEqual(await db.sql("SELECT to_regclass('good') IS NULL, to_regclass('half') IS NULL"), [['f', 't']]);
  assert.equal((await history()).at(-1)[0], '9001');
  writeFileSync(join(directory, '9002_bad.sql'), 'CREATE TABLE half (id text);');
  assert.deepEqual((await migrate()).applied, ['9002_bad.sql', ...all.slice(files.length)]);
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
    await db.sql(`INSERT INTO ${table} SELECT * FROM ${table} WHERE false; DELETE FROM ${table} WHERE false`, {
      role: 'trace_app',
    });
  await db.sql('SELECT can_read_stream(NULL, NULL); SELECT count(*) FROM schema_migrations', { role: 'trace_app' });
  await assert.rejects(db.sql('CREATE TABLE mine (id text)', { role: 'trace_app' }), /permission denied/);
  await assert.rejects(db.sql('DELETE FROM schema_migrations', { role: 'trace_app' }), /permission denied/);
  const { status, err } = await db.admin(['migrate', '--from', directory, '--app-role', 'nobody here']);
  assert.equal(status, 2);
  assert.match(err, /there is no role nobody here/);
});

test('tables with rows are analysed, empty tables are not', async () => {
  await migrate();
  await db.good(['create-workspace', 'Main']);
  await migrate();
  const rows = await db.sql(
    "SELECT relname, reltuples FROM pg_class WHERE relname IN ('workspaces', 'steps_default') ORDER BY 1",
  );
  assert.deepEqual(rows, [
    ['steps_default', '-1'],
    ['workspaces', '1'],
  ]);
});
