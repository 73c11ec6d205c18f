// SPDX-License-Identifier: Apache-2.0
// A workspace with very many sessions, written by the hundred thousand: one in ten is in a scratchpad of somebody else, three in ten
// have no stream, the others are in channels and a thousand threads; or, `inPads`, nearly all of them in scratchpads of others.
import { newId } from '../lib/ids.mjs';
import { Client } from '../lib/rest.mjs';

const AT_ONCE = 100_000;
const PADS = 2000;

// A ULID has 26 characters.
const digits = (letter) => 23 - letter.length;
export const id = (prefix, letter, n) => `${prefix}_01J${letter}` + String(n).padStart(digits(letter), '0');
const idSql = (prefix, letter, n) => `'${prefix}_01J${letter}' || lpad((${n})::text, ${digits(letter)}, '0')`;

// Channels 1 to 8, and below them threads; pads 1 to PADS, each of a person of its own.
export async function makePlace(instance, letter) {
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
  return { ws, letter, reader, client: new Client(instance.url, { workspace: ws, cookie: `trace_login=${reader}` }) };
}

// Agent 8 has one session in a hundred, and those cost least; one in ten thousand is cancelled, of the rare model or tag, or
// disliked. Of six in a hundred that have failed five are in scratchpads.
const sessionsSql = ({ ws, letter }, from, to, most, inPads) => `
  WITH made AS (
    SELECT n, ${idSql('ses', letter, 'n')} AS id, kind, at,
      CASE WHEN NOT (n % 5000 = 3 AND kind = 'none') THEN at + exp(10 * random()) * interval '0.1 s' END AS ended,
      CASE WHEN n % 10000 = 23 THEN 'rare' WHEN n % 9 > 0 THEN 'model-' || n % 9 END AS model,
      CASE WHEN n % 4 > 0 THEN (exp(13 * random()))::bigint END AS input, CASE WHEN n % 4 > 0 THEN (exp(8 * random()))::bigint END AS output,
      CASE WHEN n % 100 = 7 THEN 0.00001 WHEN n % 3 > 0 THEN round((exp(8 * random()) / 1000)::numeric, 6) END AS cost
    FROM generate_series(${from}, ${to}) n,
      LATERAL (SELECT CASE WHEN ${inPads ? 'true' : 'n % 10 = 0'} THEN 'pad' WHEN n % 10 < 4 THEN 'none' WHEN n % 10 < 7 THEN 'thread' ELSE 'channel' END AS kind,
                      now() - (${most} - n) * interval '5 s' - random() * interval '1 hour' AS at) k)
  INSERT INTO agent_sessions (id, chain_id, workspace_id, stream_id, parent_stream_id, persona_id, title, trigger_message_id, status, step_count,
    created_at, started_at, completed_at, heartbeat_at, usage_model, input_tokens, output_tokens, cost_usd, tags,
    thumbs_up, thumbs_down, external_id, settled_duration_us, settled_tokens, settled_cost_usd, settled_model)
  SELECT id, id, '${ws}',
    CASE kind WHEN 'pad' THEN ${idSql('str', `${letter}P`, `1 + n % ${PADS}`)} WHEN 'thread' THEN ${idSql('str', `${letter}T`, '1 + n % 1000')}
              WHEN 'channel' THEN ${idSql('str', `${letter}C`, '1 + n % 8')} END,
    CASE kind WHEN 'thread' THEN ${idSql('str', `${letter}C`, '1 + (1 + n % 1000) % 8')} END,
    ${idSql('per', letter, 'CASE WHEN n % 100 = 7 THEN 8 ELSE 1 + n % 7 END')}, 'Look into the matter ' || n,
    CASE WHEN kind = 'thread' AND n <= 1000 THEN ${idSql('msg', letter, 'n')} END,
    CASE WHEN ended IS NULL THEN 'running' WHEN n % 10000 = 17 THEN 'cancelled' WHEN n % 20 = 0 OR n % 100 = 51 THEN 'failed' ELSE 'completed' END, 12,
    at, at, ended, now() + interval '1 day', model, input, output, cost,
    CASE WHEN n % 10000 = 29 THEN '["rare"]' WHEN n % 3 = 0 THEN '["nightly"]' END,
    (n % 200 = 41)::integer, (n % 10000 = 43)::integer, CASE WHEN n % 50 = 11 THEN 'run-' || n / 500 END,
    (extract(epoch FROM ended - at) * 1000000)::bigint, CASE WHEN ended IS NOT NULL THEN coalesce(input + output, -1) END,
    CASE WHEN ended IS NOT NULL THEN coalesce(cost, -1) END, CASE WHEN ended IS NOT NULL THEN model END
  FROM made;`;

export async function fillPlace(instance, place, most, inPads) {
  for (let from = 1; from <= most; from += AT_ONCE)
    await instance.psql(sessionsSql(place, from, Math.min(most, from + AT_ONCE - 1), most, inPads));
}
