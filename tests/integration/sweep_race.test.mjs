// SPDX-License-Identifier: Apache-2.0
// The sweeper's statement against concurrent writers, and the sweeper without its database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { Database } from './admin.mjs';

const limits = {
  TRACE_HEARTBEAT_TIMEOUT: '2',
  TRACE_PENDING_TIMEOUT: '2',
  TRACE_SOCKET_DIR: '/nowhere',
  TRACE_LOG_LEVEL: 'info',
};
const isOverSql = "SELECT 1 AS over WHERE clock_timestamp() > pg_postmaster_start_time() + interval '2 s'";
const waitingSql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
let instance;
let db;
before(async () => {
  instance = await start();
  // After its start the database gives everybody the whole limit.
  const isOver = async () => (await instance.psql(isOverSql)).length > 0;
  await until(isOver, 'the time after the start');
});
after(() => instance?.stop());
beforeEach(async () => {
  db = await Database.migrated(instance);
  await db.good(['create-workspace', 'Main']);
  await db.good(['create-persona', 'Ariadne', '--workspace', 'Main']);
});

const sweep = () => db.good(['sweep'], { env: limits });
const silent = (id, stream = 'NULL', persona = '(SELECT id FROM personas LIMIT 1)') => `
  INSERT INTO agent_sessions (id, workspace_id, stream_id, persona_id, chain_id, status, started_at, heartbeat_at, last_seq)
  SELECT '${id}', id, ${stream}, ${persona}, '${id}', 'running', now() - interval '1 hour', now() - interval '1 hour', 1 FROM workspaces;`;
const statusOf = async (id) => (await db.sql(`SELECT status, last_seq FROM agent_sessions WHERE id = '${id}'`))[0];

test('four sweepers end four hundred sessions in twenty streams once each, and the numbers have no gap', async () => {
  let made = '';
  for (let p = 0; p < 20; p++)
    made += `INSERT INTO personas (id, workspace_id, name, slug, avatar) SELECT 'per_${p}', id, 'P', 'p${p}', 'P' FROM workspaces;`;
  for (let s = 0; s < 20; s++) {
    made += `INSERT INTO streams (id, workspace_id, type, name, private, root_id) SELECT 'str_${s}', id, 'channel', 'c${s}', ${s % 2 === 0}, 'str_${s}' FROM workspaces;`;
    for (let p = 0; p < 20; p++) made += silent(`ses_${s}_${p}`, `'str_${s}'`, `'per_${p}'`);
  }
  await db.sql(made);
  const ended = (await Promise.all([1, 2, 3, 4].map(sweep))).flatMap((answer) => answer.ended);
  assert.equal(ended.length, 400);
  assert.equal(new Set(ended.map(({ sessionId }) => sessionId)).size, 400);
  assert.deepEqual(
    await db.sql(
      "SELECT count(*) FROM agent_sessions WHERE status <> 'failed' OR last_seq <> 2 OR completed_at < started_at",
    ),
    [['0']],
  );
  assert.deepEqual(
    await db.sql("SELECT count(*) FROM session_events WHERE seq = 2 AND type = 'agent_session:failed'"),
    [['400']],
  );
  assert.deepEqual(
    await db.sql(`SELECT s.id FROM streams s LEFT JOIN stream_events e ON e.stream_id = s.id GROUP BY s.id
    HAVING s.last_seq <> count(e.seq) OR s.last_seq <> coalesce(max(e.seq), 0)`),
    [],
  );
});

// While `change` holds the row the sweeper must wait for it, and then look again.
async function against(change) {
  await db.sql(silent('ses_one'));
  const holder = spawn('psql', ['-X', '-q', '-A', '-t', '-d', db.url], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write(`BEGIN; UPDATE agent_sessions SET ${change} WHERE id = 'ses_one'; SELECT 'held';\n`);
  await once(holder.stdout, 'data');
  const swept = sweep();
  const isWaiting = async () => (await db.sql(waitingSql)).length > 0;
  await until(isWaiting, 'the sweeper to wait');
  holder.stdin.end('COMMIT;\n');
  await once(holder, 'close');
  return (await swept).ended;
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

test('rows that mattered only for a while are deleted', async () => {
  await db.sql(`INSERT INTO users VALUES ('usr_1', 'a@example.com', 'A', 'A', '-');
    INSERT INTO login_failures VALUES ('a', '::1', now() - interval '2 hours'), ('b', '::1', now());
    INSERT INTO login_sessions (id, user_id, hash, expires_at) VALUES ('lgn_old', 'usr_1', '1', now() - interval '2 days'), ('lgn_new', 'usr_1', '2', now());
    INSERT INTO revocations VALUES ('old', now() - interval '3 days'), ('new', now())`);
  await sweep();
  assert.deepEqual(await db.sql('SELECT account FROM login_failures'), [['b']]);
  assert.deepEqual(await db.sql('SELECT id FROM login_sessions'), [['lgn_new']]);
  assert.deepEqual(await db.sql('SELECT principal FROM revocations'), [['new']]);
});

// Stands between a program and the database's socket, and can refuse; counts what it refuses.
class Door {
  refused = 0;
  #open = true;
  #links = new Set();

  static async before(url) {
    const door = new Door();
    const directory = await mkdtemp('/tmp/door-');
    const database = decodeURIComponent(/host=([^&]*)/.exec(url)[1]);
    door.url = url.replace(/host=[^&]*/, `host=${encodeURIComponent(directory)}`);
    door.server = createServer((link) => {
      link.on('error', () => {});
      if (!door.#open) {
        door.refused++;
        link.destroy();
        return;
      }
      const inner = connect(join(database, '.s.PGSQL.5432'));
      for (const [from, to] of [
        [link, inner],
        [inner, link],
      ]) {
        door.#links.add(from);
        from.on('error', () => {}).on('close', () => door.#links.delete(from) && to.destroy());
        from.pipe(to);
      }
    });
    door.server.listen(join(directory, '.s.PGSQL.5432'));
    await once(door.server, 'listening');
    door.close = async () => {
      door.shut();
      door.server.close();
      await rm(directory, { recursive: true });
    };
    return door;
  }

  open() {
    this.#open = true;
  }
  shut() {
    this.#open = false;
    for (const link of this.#links) link.destroy();
  }
}

test('it outlives its database, logs an outage once a minute at most, and ends at SIGTERM', async (t) => {
  const door = await Door.before(db.url);
  t.after(() => door.close());
  const child = spawn(db.program, ['sweep', '--every', '1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { DATABASE_URL: door.url, ...limits },
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (bytes) => (said += bytes));
  const ended = (id) => until(async () => (await statusOf(id))[0] === 'failed', `${id} to end`, 60_000);
  await until(() => said.includes('sweeping every 1 s'), 'the sweeper to begin');
  await db.sql(silent('ses_before'));
  await ended('ses_before');
  // The sweeper, and the process of its own that delivers webhooks, each speak for themselves.
  const most = (what) => {
    const lines = said.split('\n').filter((line) => what.test(line));
    const counts = [];
    for (const pid of new Set(lines.map((line) => /\[(\d+)\]/.exec(line)[1])))
      counts.push(lines.filter((line) => line.includes(`[${pid}]`)).length);
    return Math.max(0, ...counts);
  };
  const errors = () => most(/ error /);
  const backs = () => most(/the database is back/);
  // The database goes, stays away for several attempts, comes back, and goes again.
  const began = performance.now();
  const allowed = () => 1 + Math.floor((performance.now() - began) / 60_000);
  for (const round of ['first', 'second']) {
    const before = door.refused;
    door.shut();
    await until(() => door.refused >= before + 3, 'the sweeper to miss its database three times', 60_000);
    assert.ok(errors() >= 1 && errors() <= allowed(), said);
    door.open();
    await db.sql(silent(`ses_${round}`));
    await ended(`ses_${round}`);
  }
  assert.ok(backs() >= 1 && backs() <= allowed(), said);
  // A server that was restarted between two looks need not be noticed at all.
  instance.kill('postgres');
  await instance.waitRestart('postgres', 60_000);
  await until(() => statusOf('ses_before').catch(() => false), 'the database to answer', 60_000);
  const restarted = await db.sql('SELECT extract(epoch FROM pg_postmaster_start_time())');
  await db.sql(silent('ses_after'));
  await ended('ses_after');
  // After a restart of the database every session gets the whole limit to send a heartbeat.
  const [[grace]] = await db.sql(
    `SELECT extract(epoch FROM completed_at) - ${restarted[0][0]} FROM agent_sessions WHERE id = 'ses_after'`,
  );
  assert.ok(Number(grace) >= Number(limits.TRACE_HEARTBEAT_TIMEOUT), `ended ${grace} s after the start`);
  assert.ok(errors() <= allowed(), said);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.match(said, /stopped\n$/);
});
