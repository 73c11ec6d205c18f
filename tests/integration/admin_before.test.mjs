// SPDX-License-Identifier: Apache-2.0
// A database of the programs of before the baseline (tests/fixtures/before) moves over: every row is there, readers go on from the
// positions that those programs gave them, and what they had been told is what they are told now.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { start } from '../lib/instance.mjs';
import { Client } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { Database, root, run } from './admin.mjs';

const fixture = (name) =>
  brotliDecompressSync(readFileSync(join(root, 'tests/fixtures/before', `${name}.br`))).toString();
const said = JSON.parse(fixture('said.json'));

let cluster;
let old;
let moved;
let instance;
let agent;
let ada;

async function restored() {
  const db = await Database.make(cluster);
  const { status, err } = await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', db.url], {
    input: fixture('database.sql'),
  });
  assert.equal(status, 0, err);
  return db;
}

before(async () => {
  cluster = await start();
  [old, moved] = [await restored(), await restored()];
});
after(async () => {
  await instance?.stop();
  await cluster?.stop();
});

const columnsOf = (db) =>
  db.sql(`SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
          FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
          WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' AND table_name NOT LIKE 'schema\\_%'
          GROUP BY table_name ORDER BY table_name`);
const rowsOf = (db, table, columns) => db.sql(`SELECT ${columns} FROM ${table} ORDER BY row(${columns})::text`);

test('the database has all that is to be moved', async () => {
  const found = async (query) => Number((await old.sql(`SELECT count(*) FROM ${query}`))[0][0]);
  for (const status of ['pending', 'running', 'completed', 'failed', 'cancelled'])
    assert.ok((await found(`agent_sessions WHERE status = '${status}'`)) > 0, status);
  assert.ok((await found('steps')) > 150);
  assert.ok((await found('agent_sessions WHERE pruned_at IS NOT NULL')) > 1);
  assert.ok((await found('steps WHERE end_seq IS NULL AND content IS NOT NULL')) > 0);
  assert.ok((await found('messages WHERE deleted_at IS NOT NULL')) > 0);
  assert.ok((await found('stream_reads')) > 0);
});

test('readers of the database see one state before and after, and wait in between', async () => {
  // Without those that a later migration changes: it takes out what steps quote of messages.
  const [[, all]] = (await columnsOf(old)).filter(([table]) => table === 'steps');
  const columns = all
    .split(', ')
    .filter((name) => !/^(start_)?(content|length)$|^content_length$|^sources$/.test(name))
    .join(', ');
  const look = () =>
    moved.sql(`SELECT count(*), md5(string_agg(row(${columns})::text, NULL ORDER BY session_id, id)) FROM steps`);
  const expected = await look();
  let migrated;
  const done = moved.good(['migrate']).then((answer) => (migrated = answer));
  let looks = 0;
  do assert.deepEqual(await look(), expected);
  while (++looks && !migrated);
  await done;
  assert.ok(migrated.applied.includes('before/0020.sql'), migrated.applied);
  assert.deepEqual(await look(), expected);
});

test('every row of every table is there as it was', async () => {
  // Steps as their personas read them.
  const whole = `(SELECT (step_with_texts(a.persona_id, s)).* FROM steps s JOIN agent_sessions a ON a.id = s.session_id) steps`;
  for (const [table, columns] of await columnsOf(old)) {
    const now = table === 'steps' ? whole : table;
    assert.deepEqual(await rowsOf(moved, now, columns), await rowsOf(old, table, columns), table);
  }
});

test('a second time nothing is done', async () => {
  const everything = async () => {
    const tables = (
      await moved.sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    )
      .flat()
      .sort();
    return Promise.all(
      tables.map((table) => moved.sql(`SELECT '${table}', ctid, xmin, x FROM ${table} x ORDER BY ctid`)),
    );
  };
  const once = await everything();
  assert.deepEqual((await moved.good(['migrate'])).applied, []);
  assert.deepEqual(await everything(), once);
});

test('the schema is the one that an empty database gets', async () => {
  const fresh = await Database.migrated(cluster);
  // Statement by statement; which quarters there are depends on the sessions.
  const schema = async (db) => {
    const { out } = await run('pg_dump', ['-s', '-x', '-O', '-d', db.url]);
    const lines = out.split('\n').filter((line) => !/^(--|\\)/.test(line));
    return lines
      .join('\n')
      .split(/;\n/)
      .map((statement) => statement.trim())
      .filter((statement) => !/_\d{4}q[1-4]/.test(statement))
      .sort();
  };
  assert.deepEqual(await schema(moved), await schema(fresh));
});

test('sessions lie in the partition of their time, and what no quarter has in the default one', async () => {
  const used = (await moved.sql('SELECT DISTINCT tableoid::regclass::text FROM steps ORDER BY 1')).flat();
  assert.ok(used.includes('steps_default') && used.length >= 2, used.join());
  const strays = await moved.sql(
    `SELECT s.session_id FROM steps s WHERE s.tableoid::regclass::text = 'steps_default' AND EXISTS (
       SELECT FROM pg_class c WHERE c.relname ~ '^steps_[0-9]{4}q[1-4]$'
       AND s.session_id >= partition_bound(make_date(substr(c.relname, 7, 4)::int, 3 * right(c.relname, 1)::int - 2, 1))
       AND s.session_id < partition_bound((make_date(substr(c.relname, 7, 4)::int, 3 * right(c.relname, 1)::int - 2, 1)
                                           + interval '3 months')::date))`,
  );
  assert.deepEqual(strays, []);
});

test('a database without all of the former migrations is refused', async () => {
  const db = await restored();
  await db.sql('DELETE FROM schema_migrations WHERE number > 17');
  const { status, err } = await db.admin(['migrate']);
  assert.equal(status, 2);
  assert.match(err, /not all of the former migrations/);
  assert.deepEqual(await db.sql('SELECT count(*) FROM schema_migrations'), [['17']]);
});

// What was said is said again; there may be more members in it. Quotes are named without their texts.
function includes(now, then, path) {
  if (now?.textVersion && then.text) then = { ...then, text: undefined };
  if (then === null || typeof then !== 'object') return assert.deepEqual(now, then, path);
  assert.equal(Array.isArray(now), Array.isArray(then), path);
  if (Array.isArray(then)) assert.equal(now.length, then.length, path);
  for (const key of Object.keys(then)) includes(now?.[key], then[key], `${path}.${key}`);
}

test('readers resume from every position of before without loss', async () => {
  instance = await start({ args: ['--database', moved.url], env: { TRACE_HEARTBEAT_TIMEOUT: '3600' } });
  const nobody = new Client(instance.url, { workspace: said.workspace });
  agent = nobody.with({ token: said.token });
  ada = await nobody.signIn(said.email, said.password);
  for (const [room, { lastSeq, events }] of Object.entries(said.rooms)) {
    const positions = new Set([0, Math.floor(lastSeq / 2), lastSeq - 1].filter((n) => n >= 0 && n < lastSeq));
    for (const position of events[0].type === 'reset' ? [0] : positions) {
      const reader = await openEvents(ada, [room], { lastEventId: String(position) });
      await reader.wait((event) => event.position === String(lastSeq) && event.type !== 'ready');
      const now = reader.of().filter(({ type, data }) => data.seq !== undefined || type === 'reset');
      const then = events.filter(({ id }) => Number(id) > position);
      assert.deepEqual(
        now.map(({ type, position: at }) => [type, at]),
        then.map(({ type, id }) => [type, id]),
        `${room} from ${position}`,
      );
      now.forEach((event, i) => includes(event.data, then[i].data, `${room} ${event.id}`));
      assert.deepEqual(reader.violations, []);
      reader.close();
    }
  }
});

test('what was open goes on, and its readers get the next number', async () => {
  const room = `session:${said.private}`;
  const { lastSeq } = said.rooms[room];
  const reader = await openEvents(ada, [room], { lastEventId: String(lastSeq) });
  await reader.wait('ready');
  for (const step of [said.child, said.open])
    (await agent.post(`agent-sessions/${said.private}/steps/${step}/complete`, {})).expect(200);
  (await agent.post(`agent-sessions/${said.private}/complete`, {})).expect(200);
  await reader.wait('agent_session:completed');
  const numbers = reader.of().flatMap(({ data }) => data.seq ?? []);
  assert.deepEqual(numbers, [lastSeq + 1, lastSeq + 2, lastSeq + 3]);
  const { steps } = (await ada.get(`agent-sessions/${said.private}`)).expect(200).body;
  assert.equal(steps.find(({ id }) => id === said.child).content, 'So far: é');
  reader.close();
});
