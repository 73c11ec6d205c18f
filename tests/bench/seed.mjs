// SPDX-License-Identifier: Apache-2.0
// Rows by the thousand for benchmarks, written by generate_series: finished sessions of #general with their steps, their
// lifecycle in the timeline, and messages.
const digits = (n, width) => `lpad((${n})::text, ${width}, '0')`;

export const sessionId = (n) => `ses_${String(n).padStart(26, '0')}`;

// One in three thinks, one in three uses a tool, one in three searches the web and has three sources: about 600 bytes each.
const columns = `id, session_id, step_number, step_type, start_seq, end_seq, seq, start_content, start_length, content, content_length,
  sources, usage, started_at, completed_at`;
const step = `'stp_' || ${digits('n', 26)}, s.id, n, (ARRAY['thinking', 'tool_call', 'web_search'])[1 + n % 3],
  2 * n, 2 * n + 1, 2 * n + 1,
  CASE n % 3 WHEN 1 THEN '{"tool":"lookup","args":{"key":"' || n || '"}}' WHEN 2 THEN '{"query":"question ' || n || '"}' END,
  CASE n % 3 WHEN 1 THEN octet_length('{"tool":"lookup","args":{"key":"' || n || '"}}') WHEN 2 THEN octet_length('{"query":"question ' || n || '"}') END,
  CASE n % 3 WHEN 0 THEN '"' || repeat('A thought about step ' || n || '. ', 20) || '"'
             WHEN 1 THEN '{"tool":"lookup","args":{"key":"' || n || '"},"result":"' || repeat('a line of what it found; ', 16) || '"}' END,
  CASE n % 3 WHEN 0 THEN octet_length(repeat('A thought about step ' || n || '. ', 20)) WHEN 1 THEN 452 + length(n::text) END,
  CASE n % 3 WHEN 2 THEN '[' || (SELECT string_agg('{"type":"web","title":"Page ' || i || ' about it","url":"https://example.org/' || n || '/' || i
             || '","domain":"example.org","snippet":"Some words of the page that say what it is about."}', ',') FROM generate_series(1, 3) i) || ']' END,
  CASE n % 3 WHEN 0 THEN '{"model":"demo","inputTokens":900,"outputTokens":120}' END,
  s.started_at + n * interval '10 ms', s.started_at + n * interval '10 ms' + interval '7 ms'`;

// Sessions with the numbers `from` to `to`, of `steps` steps each.
export const sessionsSql = (env, from, to, steps) => `
  INSERT INTO agent_sessions (id, workspace_id, stream_id, persona_id, title, chain_id, status, step_count, last_seq, created_at, started_at, completed_at)
  SELECT id, '${env.TRACE_WORKSPACE}', '${env.TRACE_STREAM}', '${env.TRACE_PERSONA}', 'Session ' || n, id, 'completed', ${steps}, 2 * ${steps} + 2,
         at, at, at + interval '5 minutes'
  FROM generate_series(${from}, ${to}) n, concat('ses_', ${digits('n', 26)}) id,
       LATERAL (SELECT now() - interval '30 days' + n * interval '1 min' AS at) t;
  INSERT INTO session_events (session_id, seq, type, session)
  SELECT x.id, e.seq, e.type, session_core_json(x) FROM agent_sessions x,
         (VALUES (1, 'agent_session:started'), (2 * ${steps} + 2, 'agent_session:completed')) e(seq, type)
  WHERE x.id BETWEEN '${sessionId(from)}' AND '${sessionId(to)}';
  ${stepsSql(from, to, 1, steps)}
  ${timelineSql(
    env,
    `SELECT NULL AS content, x.id AS session, e.type, x.persona_id AS author FROM agent_sessions x,
    (VALUES ('agent_session:started'), ('agent_session:completed')) e(type) WHERE x.id BETWEEN '${sessionId(from)}' AND '${sessionId(to)}'`,
  )}`;

// Steps with the numbers `first` to `last`: for each of those sessions, and for the one of that id.
const stepsSql = (from, to, first, last) => stepsOfSql(sessionId(from), sessionId(to), first, last);
export const stepsOfOneSql = (id, first, last) => stepsOfSql(id, id, first, last);

const stepsOfSql = (from, to, first, last) => `
  INSERT INTO steps (${columns}) SELECT ${step} FROM agent_sessions s, generate_series(${first}, ${last}) n
  WHERE s.id BETWEEN '${from}' AND '${to}';`;

// The same with little in them.
export const smallStepsSql = (from, to, first, last) => `
  INSERT INTO steps (session_id, id, step_number, step_type, start_seq, end_seq, seq, content, content_length, started_at, completed_at)
  SELECT s.id, 'stp_' || ${digits('n', 26)}, n, 'thinking', 2 * n, 2 * n + 1, 2 * n + 1, '"A thought."', 10, s.started_at, s.started_at
  FROM agent_sessions s, generate_series(${first}, ${last}) n WHERE s.id BETWEEN '${sessionId(from)}' AND '${sessionId(to)}';`;

// Messages of the persona in #general; one word of each is the number's own.
export const messagesSql = (env, from, to) =>
  timelineSql(
    env,
    `
  SELECT 'The report number ' || n || ' says word' || n || 'x about the harbour, the weather and the price of figs.' AS content, NULL AS session,
         'message:created' AS type, '${env.TRACE_PERSONA}' AS author FROM generate_series(${from}, ${to}) n`,
  );

// What `rows` (content or session, type, author) add to #general, under its counter.
function timelineSql(env, rows) {
  return `
  WITH rows AS MATERIALIZED (SELECT r.*, row_number() OVER () AS i FROM (${rows}) r),
  c AS (UPDATE streams SET last_seq = last_seq + (SELECT count(*) FROM rows) WHERE id = '${env.TRACE_STREAM}' RETURNING last_seq),
  base AS MATERIALIZED (SELECT last_seq - (SELECT count(*) FROM rows) AS seq FROM c),
  m AS (INSERT INTO messages (id, workspace_id, stream_id, seq, author_id, content)
        SELECT 'msg_' || ${digits('base.seq + i', 26)}, '${env.TRACE_WORKSPACE}', '${env.TRACE_STREAM}', base.seq + i, author, content
        FROM rows, base WHERE content IS NOT NULL)
  INSERT INTO stream_events (stream_id, seq, type, actor_id, message_id, session_id, session)
  SELECT '${env.TRACE_STREAM}', base.seq + i, rows.type, author, CASE WHEN content IS NOT NULL THEN 'msg_' || ${digits('base.seq + i', 26)} END,
         rows.session, session_core_json(x)
  FROM base, rows LEFT JOIN agent_sessions x ON x.id = rows.session;`;
}
