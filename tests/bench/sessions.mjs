// SPDX-License-Identifier: Apache-2.0
// What a page of the table of sessions costs among 10^6 of them (goal: 50 ms at the server), for each order and for filters: one
// call at a time through nginx, the kinds turn about. One in ten sessions is in a scratchpad of somebody else, three in ten have no
// stream, the others are in channels and a thousand threads. The last kinds are of a workspace where nearly everything is in
// scratchpads of others.
//
//     node tests/bench/sessions.mjs [sessions] [calls of each kind]
import { performance } from 'node:perf_hooks';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { Client } from '../lib/rest.mjs';
import { machine, median, quantile } from './machine.mjs';
import { table } from './table.mjs';

const count = Number(process.argv[2] ?? 1_000_000);
const calls = Number(process.argv[3] ?? 40);
const AT_ONCE = 100_000;
const PADS = 2000;

const instance = await start({ env: { TRACE_WORKERS: '2' } });
// A ULID has 26 characters.
const digits = (letter) => 23 - letter.length;
const id = (prefix, letter, n) => `${prefix}_01J${letter}` + String(n).padStart(digits(letter), '0');
const idSql = (prefix, letter, n) => `'${prefix}_01J${letter}' || lpad((${n})::text, ${digits(letter)}, '0')`;

// Channels 1 to 8, and below them threads; pads 1 to PADS, each of a person of its own.
async function makePlace(letter) {
  const ws = newId('ws');
  const reader = newId('usr');
  await instance.psql(`
    INSERT INTO workspaces (id, name) VALUES ('${ws}', '${ws}');
    INSERT INTO personas (id, workspace_id, name, slug, avatar) SELECT ${idSql('per', letter, 'n')}, '${ws}', 'Agent ' || n, 'agent-' || n, 'A' FROM generate_series(1, 8) n;
    INSERT INTO users (id, email, name, avatar, password_hash)
      SELECT u, u || '@example.com', 'Reader', 'R', '-' FROM (VALUES ('${reader}')) v(u)
      UNION ALL SELECT ${idSql('usr', letter, 'n')}, '${letter}' || n || '@example.com', 'Person', 'P', '-' FROM generate_series(1, ${PADS}) n;
    INSERT INTO workspace_members (workspace_id, user_id, slug, role) VALUES ('${ws}', '${reader}', 'reader', 'member');
    INSERT INTO login_sessions (id, user_id, hash, expires_at) VALUES ('${newId('lgn')}', '${reader}', sha256('${reader}'), now() + interval '1 day');
    INSERT INTO streams (id, workspace_id, type, name, private, root_id)
      SELECT s, '${ws}', 'channel', 'channel ' || n, false, s FROM generate_series(1, 8) n, concat(${idSql('str', `${letter}C`, 'n')}) s;
    INSERT INTO streams (id, workspace_id, type, name, private, root_id, owner_id, persona_id)
      SELECT s, '${ws}', 'scratchpad', 'pad ' || n, true, s, ${idSql('usr', letter, 'n')}, ${idSql('per', letter, 1)}
      FROM generate_series(1, ${PADS}) n, concat(${idSql('str', `${letter}P`, 'n')}) s;
    INSERT INTO stream_members (stream_id, member_id)
      SELECT ${idSql('str', `${letter}P`, 'n')}, CASE WHEN n = 1 THEN '${reader}' ELSE ${idSql('usr', letter, 'n')} END FROM generate_series(1, ${PADS}) n;
    INSERT INTO messages (id, workspace_id, stream_id, seq, author_id, content)
      SELECT ${idSql('msg', letter, 'n')}, '${ws}', ${idSql('str', `${letter}C`, '1 + n % 8')}, n, '${reader}', 'What about harbour number ' || n || '?' FROM generate_series(1, 1000) n;
    INSERT INTO streams (id, workspace_id, type, name, private, root_id, parent_stream_id, parent_message_id)
      SELECT ${idSql('str', `${letter}T`, 'n')}, '${ws}', 'thread', 'thread', false, c, c, ${idSql('msg', letter, 'n')}
      FROM generate_series(1, 1000) n, concat(${idSql('str', `${letter}C`, '1 + n % 8')}) c;`);
  return { ws, letter, client: new Client(instance.url, { workspace: ws, cookie: `trace_login=${reader}` }) };
}

// Agent 8 has one session in a hundred, and those cost least; one in ten thousand is cancelled, or of the rare model or tag.
const sessionsSql = ({ ws, letter }, from, to, inPads) => `
  WITH made AS (
    SELECT n, ${idSql('ses', letter, 'n')} AS id, kind, at,
      CASE WHEN NOT (n % 5000 = 3 AND kind = 'none') THEN at + exp(10 * random()) * interval '0.1 s' END AS ended,
      CASE WHEN n % 10000 = 23 THEN 'rare' WHEN n % 9 > 0 THEN 'model-' || n % 9 END AS model,
      CASE WHEN n % 4 > 0 THEN (exp(13 * random()))::bigint END AS input, CASE WHEN n % 4 > 0 THEN (exp(8 * random()))::bigint END AS output,
      CASE WHEN n % 100 = 7 THEN 0.00001 WHEN n % 3 > 0 THEN round((exp(8 * random()) / 1000)::numeric, 6) END AS cost
    FROM generate_series(${from}, ${to}) n,
      LATERAL (SELECT CASE WHEN ${inPads ? 'true' : 'n % 10 = 0'} THEN 'pad' WHEN n % 10 < 4 THEN 'none' WHEN n % 10 < 7 THEN 'thread' ELSE 'channel' END AS kind,
                      now() - (${to} - n) * interval '5 s' - random() * interval '1 hour' AS at) k)
  INSERT INTO agent_sessions (id, chain_id, workspace_id, stream_id, parent_stream_id, persona_id, title, trigger_message_id, status, step_count,
    created_at, started_at, completed_at, heartbeat_at, usage_model, input_tokens, output_tokens, cost_usd, tags,
    settled_duration_us, settled_tokens, settled_cost_usd, settled_model)
  SELECT id, id, '${ws}',
    CASE kind WHEN 'pad' THEN ${idSql('str', `${letter}P`, `1 + n % ${PADS}`)} WHEN 'thread' THEN ${idSql('str', `${letter}T`, '1 + n % 1000')}
              WHEN 'channel' THEN ${idSql('str', `${letter}C`, '1 + n % 8')} END,
    CASE kind WHEN 'thread' THEN ${idSql('str', `${letter}C`, '1 + (1 + n % 1000) % 8')} END,
    ${idSql('per', letter, 'CASE WHEN n % 100 = 7 THEN 8 ELSE 1 + n % 7 END')}, 'Look into the matter ' || n,
    CASE WHEN kind = 'thread' AND n <= 1000 THEN ${idSql('msg', letter, 'n')} END,
    CASE WHEN ended IS NULL THEN 'running' WHEN n % 10000 = 17 THEN 'cancelled' WHEN n % 20 = 0 THEN 'failed' ELSE 'completed' END, 12,
    at, at, ended, now() + interval '1 day', model, input, output, cost,
    CASE WHEN n % 10000 = 29 THEN '["rare"]' WHEN n % 3 = 0 THEN '["nightly"]' END,
    (extract(epoch FROM ended - at) * 1000000)::bigint, CASE WHEN ended IS NOT NULL THEN coalesce(input + output, -1) END,
    CASE WHEN ended IS NOT NULL THEN coalesce(cost, -1) END, CASE WHEN ended IS NOT NULL THEN model END
  FROM made;`;

async function fill(place, most, inPads) {
  for (let from = 1; from <= most; from += AT_ONCE)
    await instance.psql(sessionsSql(place, from, Math.min(most, from + AT_ONCE - 1), inPads));
}

const wide = await makePlace('A');
const narrow = await makePlace('B');

const list = (place, query) => () => place.client.get(`agent-sessions?limit=50&${query}`);

// A page far behind the first.
async function deep(query) {
  let next = '';
  for (let i = 0; i < 20; i++) {
    const { nextBefore } = (await wide.client.get(`agent-sessions?limit=500&${query}${next}`)).expect(200).body;
    next = `&before=${encodeURIComponent(nextBefore)}`;
  }
  return list(wide, query + next);
}

async function kinds() {
  const found = {};
  for (const sort of ['started', 'duration', 'tokens', 'cost'])
    for (const order of ['desc', 'asc']) found[`by ${sort}, ${order}`] = list(wide, `sort=${sort}&order=${order}`);
  for (const sort of ['started', 'tokens']) found[`by ${sort}, behind 10,000`] = await deep(`sort=${sort}`);
  const filters = {
    'with the total': 'count=true',
    failed: 'status=failed&sort=tokens&count=true',
    'cancelled, one in 10,000': 'status=cancelled&sort=cost&count=true',
    running: 'status=pending,running&sort=duration&count=true',
    'of an agent': `personaId=${id('per', 'A', 3)}&sort=cost&count=true`,
    'of an agent, whose sessions come last': `personaId=${id('per', 'A', 8)}&sort=cost&count=true`,
    'of a channel': `streamId=${id('str', 'AC', 3)}&sort=tokens&count=true`,
    'of a thread': `streamId=${id('str', 'AT', 3)}&sort=tokens&count=true`,
    'of a model': 'model=model-3&sort=duration&count=true',
    'of a rare model': 'model=rare&sort=duration&count=true',
    'with a tag': 'tag=nightly&sort=tokens&count=true',
    'with a rare tag': 'tag=rare&sort=tokens&count=true',
    'of an hour': `from=${new Date(Date.now() - 7.2e6).toISOString()}&to=${new Date(Date.now() - 3.6e6).toISOString()}&sort=cost&count=true`,
    'failed, of an agent, a model and a month': `status=failed&personaId=${id('per', 'A', 3)}&model=model-3&from=${new Date(Date.now() - 2.6e9).toISOString()}&sort=cost&count=true`,
    'a text, found': 'q=matter&count=true',
    'a text, found nowhere': 'q=zeppelin&count=true',
  };
  for (const [kind, query] of Object.entries(filters)) found[kind] = list(wide, query);
  for (const sort of ['started', 'cost'])
    found[`the few that one may read, by ${sort}`] = list(narrow, `sort=${sort}&count=true`);
  return found;
}

try {
  await fill(wide, count, false);
  await fill(narrow, Math.ceil(count / 10), true);
  await instance.psql('VACUUM ANALYZE agent_sessions');
  await instance.psql('ANALYZE streams; ANALYZE stream_members; ANALYZE messages');
  const all = await kinds();
  const took = Object.fromEntries(Object.keys(all).map((kind) => [kind, []]));
  const shown = {};
  for (let i = -3; i < calls; i++)
    for (const [kind, call] of Object.entries(all)) {
      const began = performance.now();
      const reply = (await call()).expect(200);
      if (i >= 0) took[kind].push(performance.now() - began);
      shown[kind] = reply.body.sessions.length;
    }
  const rows = Object.entries(took).map(([kind, ms]) => [
    kind,
    shown[kind],
    ...[median(ms), quantile(ms, 0.99)].map((x) => x.toFixed(1)),
  ]);
  console.log(table([[`among ${count} sessions`, 'shown', 'p50 ms', 'p99 ms'], ...rows]));
  console.log(machine());
} finally {
  await instance.stop();
}
