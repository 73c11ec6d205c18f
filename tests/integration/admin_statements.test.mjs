// SPDX-License-Identifier: Apache-2.0
// Every statement of the stores fits the schema, and none goes through a table that grows, or into partitions where its
// session is not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sessionId, sessionsSql } from '../bench/seed.mjs';
import { start, until } from '../lib/instance.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { Database, build, run } from './admin.mjs';

let instance;
before(async () => (instance = await start()));
after(() => instance?.stop());

// The tests of partitions come first: the sweeper reads those of all that has been written, and its backend tells what it
// has read a while later, which would be counted here.

// Prepares all statements against that database, with a test of each.
async function explain(t, url, args) {
  const { out, status, err } = await run(await build('tests/integration/statements'), args, {
    env: { DATABASE_URL: url },
  });
  assert.equal(status, 0, err);
  const lines = out.split('\n');
  const found = lines.flatMap((line, i) => (/^(not )?ok \d+ - /.test(line) ? [i] : []));
  assert.ok(found.length > 60, out);
  for (const i of found)
    await t.test(lines[i].replace(/^.* - /, ''), () => assert.ok(lines[i].startsWith('ok'), lines[i + 1]));
}

test('what is written and read of a session touches the partitions of its quarter alone', async () => {
  const scans = async () =>
    new Map(
      (
        await instance.psql(`
          SELECT relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) AS n FROM pg_stat_user_tables
          WHERE relid IN (SELECT inhrelid FROM pg_inherits)`)
      ).map(({ relname, n }) => [relname, n]),
    );
  const [{ quarter }] = await instance.psql("SELECT partition_name('', quarter_of(now())) AS quarter");
  const before = await scans();
  assert.ok(before.size >= 9);
  const [agent, ada] = [agentOf(instance), await personOf(instance)];
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const path = `agent-sessions/${session.id}`;
  const reader = await openEvents(ada, [`session:${session.id}`], { lastEventId: '0' });
  const { step } = (await agent.post(`${path}/steps`, { stepType: 'thinking' })).expect(201).body;
  const child = { stepType: 'web_search', content: 'x', parentStepId: step.id, completed: true };
  const sources = [{ type: 'web', title: 'A', url: 'https://example.com' }];
  (await agent.post(`${path}/steps`, { ...child, sources })).expect(201);
  (await agent.post(`${path}/steps/${step.id}/progress`, { content: 'y', checkpoint: true })).expect(202);
  (await agent.post(`${path}/steps/${step.id}/complete`, {})).expect(200);
  (await agent.post(`${path}/batch`, JSON.stringify({ op: 'record', stepType: 'thinking', content: 'z' }))).expect(200);
  for (const query of ['', '?limit=1', `?around=${step.id}`, '?sinceSeq=2', '?q=x', '/outline', `/steps/${step.id}`])
    (await ada.get(path + query)).expect(200);
  (await agent.post(`${path}/complete`, {})).expect(200);
  await reader.wait('agent_session:completed');
  const again = await openEvents(ada, [`session:${session.id}`], { lastEventId: '1' });
  await again.wait('agent_session:completed');
  for (const stream of [reader, again]) stream.close();
  // A backend tells its counts when it has been idle for a while.
  const read = (now, table) => now.get(table) > before.get(table);
  const now = await until(async () => {
    const seen = await scans();
    return ['steps', 'session_events', 'session_sources'].every((parent) => read(seen, parent + quarter)) && seen;
  }, 'the counts of the quarter');
  for (const table of before.keys()) if (!table.endsWith(quarter)) assert.ok(!read(now, table), `${table} was read`);
});

test('counting sessions for the statistics reads the partitions of their quarters alone, whatever plan is kept', async () => {
  const { session } = (await agentOf(instance).post('agent-sessions', {})).expect(201).body;
  const [{ quarter }] = await instance.psql("SELECT partition_name('', quarter_of(now())) AS quarter");
  const { out, err } = await run('psql', [
    ...['-XqAt', '-d', instance.env.DATABASE_URL, '-c', 'SET plan_cache_mode = force_generic_plan', '-c', 'BEGIN'],
    ...['-c', `SELECT FROM parts_of('{${session.id}}')`, '-c'],
    "SELECT relname FROM pg_stat_xact_user_tables WHERE relname LIKE 'steps\\_%' AND coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0",
  ]);
  assert.deepEqual(out.trim().split('\n'), [`steps${quarter}`], err);
});

test('every statement can be prepared and finds its rows by an index', async (t) => {
  await explain(t, (await Database.migrated(instance)).url, []);
});

test('pages and replay of a long session find ranges of its steps by an index', async (t) => {
  await instance.psql(sessionsSql(instance.env, 1, 1, 3000));
  await instance.psql('ANALYZE');
  await explain(t, instance.env.DATABASE_URL, [`'${sessionId(1)}'`]);
});
