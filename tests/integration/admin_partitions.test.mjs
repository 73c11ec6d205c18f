// SPDX-License-Identifier: Apache-2.0
// The partitions of what sessions consist of: made ahead by the sweeper, who may change no schema, and dropped when their
// sessions are pruned; neither waits for long, and neither loses a row.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { giveUpAfter } from '../lib/patience.mjs';
import { Database } from './admin.mjs';

const PARENTS = ['session_events', 'session_sources', 'steps'];
let instance;
let db;
before(async () => (instance = await start()));
after(() => instance?.stop());
beforeEach(async () => {
  db = await Database.migrated(instance);
  await db.sql(`INSERT INTO workspaces (id, name) VALUES ('ws_1', 'One');
    INSERT INTO personas (id, workspace_id, name, slug, avatar) VALUES ('per_1', 'ws_1', 'P', 'p', 'P')`);
});

// As the programs' role, which owns nothing.
const sweep = async () => {
  const env = { DATABASE_URL: db.url.replace(/\/\/\w+@/, '//trace_app@') };
  const { status, err } = await db.admin(['sweep', '--json'], { env });
  assert.equal(status, 0, err);
  return err;
};
const partitions = async (parent) =>
  (await db.sql(`SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '${parent}'::regclass`)).flat().sort();
const quarterIn = async (months) => (await db.sql(`SELECT quarter_of(now() + interval '${months} months')`))[0][0];
const nameOf = async (parent, quarter) => (await db.sql(`SELECT partition_name('${parent}', '${quarter}')`))[0][0];

// A session of that quarter with a step, an event and a source.
async function session(quarter, { ended = false } = {}) {
  const [[first]] = await db.sql(`SELECT partition_bound('${quarter}')`);
  const id = first + newId('ses').slice(first.length);
  await db.sql(`
    INSERT INTO agent_sessions (id, workspace_id, persona_id, chain_id, status, started_at, heartbeat_at, last_seq, completed_at)
      VALUES ('${id}', 'ws_1', 'per_1', '${id}', '${ended ? 'completed' : 'running'}', now(), now(), 3, ${ended ? 'now()' : 'NULL'});
    INSERT INTO session_events (session_id, seq, type, session) VALUES ('${id}', 1, 'agent_session:started', '{}'),
      ('${id}', 3, 'agent_session:completed', '{}');
    INSERT INTO steps (session_id, id, step_number, step_type, start_seq, end_seq, seq, started_at)
      VALUES ('${id}', '${newId('stp')}', 1, 'thinking', 2, 2, 2, now());
    INSERT INTO session_sources (session_id, key) VALUES ('${id}', 'k')`);
  return id;
}
const placesOf = async (id) =>
  (
    await Promise.all(
      PARENTS.map((parent) => db.sql(`SELECT DISTINCT tableoid::regclass FROM ${parent} WHERE session_id = '${id}'`)),
    )
  ).flat(2);

// A transaction that has run `sql` and stays open until release().
async function hold(sql) {
  const child = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', db.url]);
  child.stdin.write(`BEGIN; ${sql}; SELECT 'held';\n`);
  for await (const text of child.stdout) if (text.includes('held')) break;
  return async () => {
    child.stdin.end('ROLLBACK;\n');
    await once(child, 'exit');
  };
}

test('each table has a default partition, this quarter and the next three months', async () => {
  const quarters = [...new Set([await quarterIn(0), await quarterIn(3)])];
  for (const parent of PARENTS) {
    const expected = await Promise.all(quarters.map((quarter) => nameOf(parent, quarter)));
    assert.deepEqual(await partitions(parent), [...expected, `${parent}_default`]);
  }
});

test('every partition has what partitioned tables do not pass on, and the bounds of its quarter', async () => {
  await db.sql(
    "SELECT make_partition(p, '2024-04-01') FROM unnest(ARRAY['session_events', 'session_sources', 'steps']) p",
  );
  const rows = await db.sql(`
    SELECT c.relname, coalesce(c.reloptions::text, ''), a.attstattarget, a.attcollation::regcollation,
           (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid) =
           (SELECT count(*) FROM pg_index i WHERE i.indrelid = inhparent),
           (SELECT count(*) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f')
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'session_id'
    WHERE inhparent = ANY ('{session_events,session_sources,steps}'::regclass[]) ORDER BY 1`);
  assert.equal(rows.length, 12);
  for (const [name, options, target, collation, hasIndexes, references] of rows) {
    assert.equal(options, name.startsWith('steps') ? '{fillfactor=70}' : '', name);
    assert.equal(target, name.startsWith('steps') ? '0' : '-1', name);
    assert.deepEqual([collation, hasIndexes, references], ['"C"', 't', '1'], name);
  }
  const [[bounds]] = await db.sql("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'steps_2024q2'");
  const [low, high] = bounds.match(/ses_[0-9A-Z]{10}/g);
  assert.deepEqual([low, high], ['ses_01HTBF9A00', 'ses_01J1NSEQ00']);
});

test('the sweeper makes what is missing, and takes the rows over that lay in the default partition', async () => {
  const next = await quarterIn(3);
  for (const parent of PARENTS) await db.sql(`DROP TABLE ${await nameOf(parent, next)}`);
  const id = await session(next);
  assert.deepEqual(
    await placesOf(id),
    PARENTS.map((parent) => `${parent}_default`),
  );
  assert.match(await sweep(), /made 3 partitions/);
  assert.deepEqual(await placesOf(id), await Promise.all(PARENTS.map((parent) => nameOf(parent, next))));
  assert.deepEqual(await db.sql('SELECT count(*) FROM steps'), [['1']]);
  assert.doesNotMatch(await sweep(), /made/);
});

test('an id of next year lies in the default partition until its quarter comes', async () => {
  const id = await session(await quarterIn(13));
  await sweep();
  assert.deepEqual(
    await placesOf(id),
    PARENTS.map((parent) => `${parent}_default`),
  );
});

test('tables in use are left alone until the next time, without holding up writers for long', async () => {
  const next = await quarterIn(3);
  await db.sql(`DROP TABLE ${await nameOf('steps', next)}`);
  const release = await hold('LOCK TABLE steps IN ROW EXCLUSIVE MODE');
  const began = performance.now();
  assert.doesNotMatch(await sweep(), /made|error/i);
  assert.ok(performance.now() - began < giveUpAfter(10_000));
  assert.ok(!(await partitions('steps')).includes(await nameOf('steps', next)));
  await release();
  assert.match(await sweep(), /made 1 partitions/);
});

test('a partition is dropped when all its sessions are pruned and it is empty, not before', async () => {
  await db.sql(
    "SELECT make_partition(p, '2024-04-01') FROM unnest(ARRAY['session_events', 'session_sources', 'steps']) p",
  );
  const [done, open] = [await session('2024-04-01', { ended: true }), await session('2024-04-01')];
  const dropped = async () => {
    const err = await sweep();
    return /dropped partition (\w+)/.exec(err)?.[1];
  };
  assert.equal(await dropped(), undefined, 'with rows');
  await db.good(['prune', '--older-than', '0s']);
  await db.sql(
    `DELETE FROM steps WHERE session_id = '${open}'; DELETE FROM session_sources WHERE session_id = '${open}'`,
  );
  assert.equal(await dropped(), undefined, 'with a session that is not pruned');
  await db.sql(`UPDATE agent_sessions SET status = 'completed', completed_at = now() WHERE id = '${open}'`);
  await db.good(['prune', '--older-than', '0s']);
  const release = await hold('SELECT count(*) FROM steps; SELECT count(*) FROM session_sources');
  assert.equal(await dropped(), undefined, 'in use');
  await release();
  assert.deepEqual(new Set([await dropped(), await dropped()]), new Set(['session_sources_2024q2', 'steps_2024q2']));
  // The last event of a pruned session says to its readers where it ended.
  assert.equal(await dropped(), undefined);
  assert.deepEqual(await placesOf(done), ['session_events_2024q2']);
});

test('a quarter that is not over keeps its empty partitions', async () => {
  await sweep();
  assert.equal((await partitions('steps')).length, 3);
});

test('the programs may make no partition but these', async () => {
  await assert.rejects(
    db.sql("SELECT make_partition('steps', '2024-04-01')", { role: 'trace_app' }),
    /permission denied|must be owner/,
  );
});
