// The sweeper's statement against everybody else, and the sweeper without its database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, until } from '../lib/instance.mjs';
import { Database } from './admin.mjs';

const limits = { TRACE_HEARTBEAT_TIMEOUT: '2', TRACE_PENDING_TIMEOUT: '2', TRACE_SOCKET_DIR: '/nowhere', TRACE_LOG_LEVEL: 'info' };
let instance;
let db;
before(async () => {
  instance = await start();
  await sleep(2000); // after its start the database gives everybody the whole limit
});
after(() => instance?.stop());
beforeEach(async () => {
  db = await Database.migrated(instance);
  await db.good(['create-workspace', 'Main']);
  await db.good(['create-persona', 'Ariadne', '--workspace', 'Main']);
});

const sweep = () => db.good(['sweep'], { env: limits });
const silent = (id, stream = 'NULL', persona = "(SELECT id FROM personas LIMIT 1)") => `
  INSERT INTO agent_sessions (id, workspace_id, stream_id, persona_id, chain_id, status, started_at, heartbeat_at, last_seq)
  SELECT '${id}', id, ${stream}, ${persona}, '${id}', 'running', now() - interval '1 hour', now() - interval '1 hour', 1 FROM workspaces;`;
const statusOf = async (id) => (await db.sql(`SELECT status, last_seq FROM agent_sessions WHERE id = '${id}'`))[0];

test('four sweepers end four hundred sessions in twenty streams once each, and the numbers have no gap', async () => {
  let made = '';
  for (let p = 0; p < 20; p++) made += `INSERT INTO personas (id, workspace_id, name, slug, avatar) SELECT 'per_${p}', id, 'P', 'p${p}', 'P' FROM workspaces;`;
  for (let s = 0; s < 20; s++) {
    made += `INSERT INTO streams (id, workspace_id, type, name, private, root_id) SELECT 'str_${s}', id, 'channel', 'c${s}', ${s % 2 === 0}, 'str_${s}' FROM workspaces;`;
    for (let p = 0; p < 20; p++) made += silent(`ses_${s}_${p}`, `'str_${s}'`, `'per_${p}'`);
  }
  await db.sql(made);
  const ended = (await Promise.all([1, 2, 3, 4].map(sweep))).flatMap((answer) => answer.ended);
  assert.equal(ended.length, 400);
  assert.equal(new Set(ended.map(({ sessionId }) => sessionId)).size, 400);
  assert.deepEqual(await db.sql("SELECT count(*) FROM agent_sessions WHERE status <> 'failed' OR last_seq <> 2 OR completed_at < started_at"), [['0']]);
  assert.deepEqual(await db.sql("SELECT count(*) FROM session_events WHERE seq = 2 AND type = 'agent_session:failed'"), [['400']]);
  assert.deepEqual(await db.sql(`SELECT s.id FROM streams s LEFT JOIN stream_events e ON e.stream_id = s.id GROUP BY s.id
    HAVING s.last_seq <> count(e.seq) OR s.last_seq <> coalesce(max(e.seq), 0)`), []);
});

// While `change` holds the row the sweeper must wait for it, and then look again.
async function against(change) {
  await db.sql(silent('ses_one'));
  const held = db.sql(`BEGIN; UPDATE agent_sessions SET ${change} WHERE id = 'ses_one'; SELECT pg_sleep(1); COMMIT`);
  await sleep(300);
  const { ended } = await sweep();
  await held;
  return ended;
}

test('a heartbeat that commits while the sweeper waits saves the session', async () => {
  assert.deepEqual(await against('heartbeat_at = now()'), []);
  assert.deepEqual(await statusOf('ses_one'), ['running', '1']);
});

test('an ending that commits while the sweeper waits stands', async () => {
  assert.deepEqual(await against("status = 'completed', completed_at = now(), last_seq = last_seq + 1"), []);
  assert.deepEqual(await statusOf('ses_one'), ['completed', '2']);
  assert.deepEqual(await db.sql('SELECT count(*) FROM session_events'), [['0']]);
});

test('what only mattered for a while is deleted', async () => {
  await db.sql(`INSERT INTO users VALUES ('usr_1', 'a@example.com', 'A', 'A', '-');
    INSERT INTO login_failures VALUES ('a', '::1', now() - interval '2 hours'), ('b', '::1', now());
    INSERT INTO login_sessions (id, user_id, hash, expires_at) VALUES ('lgn_old', 'usr_1', '1', now() - interval '2 days'), ('lgn_new', 'usr_1', '2', now());
    INSERT INTO revocations VALUES ('old', now() - interval '3 days'), ('new', now())`);
  await sweep();
  assert.deepEqual(await db.sql('SELECT account FROM login_failures'), [['b']]);
  assert.deepEqual(await db.sql('SELECT id FROM login_sessions'), [['lgn_new']]);
  assert.deepEqual(await db.sql('SELECT principal FROM revocations'), [['new']]);
});

test('it outlives its database, says so once, and ends at SIGTERM', async (t) => {
  const child = spawn(db.program, ['sweep', '--every', '1'], { stdio: ['ignore', 'ignore', 'pipe'], env: { DATABASE_URL: db.url, ...limits } });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (bytes) => (said += bytes));
  await until(() => said.includes('sweeping every 1 s'), 'the sweeper to begin');
  await db.sql(silent('ses_before'));
  await until(async () => (await statusOf('ses_before'))[0] === 'failed', 'the first session to end');
  const [name] = /admin_\w+/.exec(db.url);
  const errors = () => said.split('\n').filter((line) => / error /.test(line)).length;
  await instance.psql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await instance.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  await until(() => errors() > 0, 'the sweeper to miss its database');
  await sleep(2500);
  assert.equal(errors(), 1, said);
  await instance.psql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await until(() => said.includes('the database is back'), 'the sweeper to find it again');
  // A server that was restarted between two looks need not be noticed at all.
  instance.kill('postgres');
  await instance.waitRestart('postgres', 60_000);
  await until(() => statusOf('ses_before').catch(() => false), 'the database to answer', 60_000);
  await db.sql(silent('ses_after'));
  // A database that has just come back gives everybody time to say that they are there.
  assert.equal((await statusOf('ses_after'))[0], 'running');
  await until(async () => (await statusOf('ses_after'))[0] === 'failed', 'the second session to end', 60_000);
  assert.ok(errors() <= 2, said);
  const asked = performance.now();
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok(performance.now() - asked < 1000);
  assert.match(said, /stopped\n$/);
});
