// SPDX-License-Identifier: Apache-2.0
// What clients of foreign agents may send, kind by kind (tests/clients/kinds): each row's requests go to a whole instance, and
// the session that comes of them is compared with what the row says of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { until } from '../lib/patience.mjs';
import { contentRows } from '../clients/kinds/content.mjs';
import { frameworkRows } from '../clients/kinds/frameworks.mjs';
import { langsmithRows } from '../clients/kinds/langsmith.mjs';
import { otherRows } from '../clients/kinds/others.mjs';
import { otlpRows } from '../clients/kinds/otlp.mjs';
import { World } from './session_world.mjs';

let world;
before(async () => {
  world = await World.make();
});
after(() => world?.instance.stop());

// A persona of its own, so that the ids of the rows need not differ.
async function newToken() {
  const persona = newId('per');
  const secret = `atk_${newId('tok').toLowerCase()}`;
  await world.sql(`
    INSERT INTO personas (id, workspace_id, name, slug, avatar)
      VALUES ('${persona}', '${world.ids.ws}', '${persona}', '${persona.toLowerCase()}', 'P');
    INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
      VALUES ('${newId('tok')}', '${world.ids.ws}', '${persona}', sha256('${secret}'), '{ingest}');`);
  return { persona, secret };
}

async function send(request, secret) {
  const [encoding, encode] = request.encode ?? [];
  const path = request.genkit ? `/ingest/genkit/${secret}/api/traces` : request.path;
  const response = await fetch(world.instance.url + path, {
    method: request.method ?? 'POST',
    headers: {
      authorization: `Bearer ${secret}`,
      ...request.headers,
      ...(encoding && { 'content-encoding': encoding }),
    },
    body: encode ? encode(Buffer.from(request.body)) : request.body,
  });
  const text = await response.text();
  if (request.status) assert.equal(response.status, request.status, text);
  else assert.ok(response.ok, `${response.status} ${text}`);
  if (request.answers) assert.match(text, request.answers);
}

const sessionsOf = (persona) =>
  world.sql(`SELECT id, status, title, thread_key AS thread, user_key AS "user", environment, project, tags::json AS tags,
      metadata::json AS metadata, system_prompt AS system, tools::json AS tools, error_code AS code, error_message AS message,
      ARRAY[coalesce(input_tokens, 0), coalesce(output_tokens, 0)]::int[] AS tokens,
      ARRAY[coalesce(cache_read_tokens, 0), coalesce(cache_write_tokens, 0), coalesce(reasoning_tokens, 0)]::int[] AS details
    FROM agent_sessions WHERE persona_id = '${persona}' ORDER BY created_at`);

const stepsOf = (session) =>
  world.sql(`SELECT id, parent_step_id AS parent, step_type AS type, coalesce(name, '') AS name, end_seq IS NOT NULL AS has_ended,
      coalesce(content, start_content)::json AS content, coalesce(content_length, start_length)::int AS "contentLength",
      input::json AS input, output::json AS output, attributes::json AS attributes, events::json AS events, links::json AS links,
      sources::json AS sources, usage::json AS usage, usage::json ->> 'model' AS model,
      error::json ->> 'code' || ': ' || (error::json ->> 'message') AS error,
      round(extract(epoch FROM started_at) * 1000)::float8 AS started, round(extract(epoch FROM completed_at) * 1000)::float8 AS ended
    FROM steps WHERE session_id = '${session}' ORDER BY started_at, coalesce(name, ''), step_number`);

function treeOf(steps) {
  const lines = [];
  const print = (parent, depth) => {
    for (const step of steps) {
      const isTop = !step.parent || !steps.some(({ id }) => id === step.parent);
      if (parent ? step.parent !== parent : !isTop) continue;
      lines.push(`${'  '.repeat(depth)}${step.type} ${step.has_ended ? 'ended' : 'open'} ${step.name}`);
      print(step.id, depth + 1);
    }
  };
  print(null, 0);
  return lines;
}

// Of an object only the members that the row names.
const picked = (found, wanted) =>
  wanted && typeof wanted === 'object' && !Array.isArray(wanted) && found && typeof found === 'object'
    ? Object.fromEntries(Object.keys(wanted).map((key) => [key, picked(found[key], wanted[key])]))
    : (found ?? null);

async function check(row) {
  const { persona, secret } = await newToken();
  for (const request of row.requests) await send(request, secret);
  if (row.session === null) return assert.deepEqual(await sessionsOf(persona), []);
  if (row.session?.status)
    await until(async () => (await sessionsOf(persona))[0]?.status === row.session.status, row.session.status);
  const sessions = await sessionsOf(persona);
  assert.equal(sessions.length, row.sessions ?? 1);
  const steps = await stepsOf(sessions[0].id);
  if (row.steps) assert.deepEqual(treeOf(steps), row.steps);
  for (const [name, wanted] of Object.entries(row.of ?? {})) {
    const step = steps.find((one) => one.name === name);
    assert.ok(step, `no step "${name}" among ${steps.map((one) => one.name).join(', ')}`);
    assert.deepEqual(picked(step, wanted), wanted, name);
  }
  assert.deepEqual(picked(sessions[0], row.session ?? {}), row.session ?? {});
}

const groups = {
  OTLP: otlpRows,
  contents: contentRows,
  frameworks: frameworkRows,
  LangSmith: langsmithRows,
  others: otherRows,
};
for (const [name, rows] of Object.entries(groups))
  describe(name, { concurrency: 4 }, () => {
    for (const row of rows) test(row.name, () => check(row));
  });
