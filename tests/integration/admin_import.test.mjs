// SPDX-License-Identifier: Apache-2.0
// import and prune: what they write is what the programs would have written.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, root } from './admin.mjs';

const conversation = join(root, 'admin', 'demo', 'conversation.ndjson');
const lines = readFileSync(conversation, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
let instance;
let db;
let directory;

before(async () => {
  instance = await start();
  db = await Database.migrated(instance);
  directory = mkdtempSync(join(tmpdir(), 'agent-trace-import-'));
  await db.good(['create-workspace', 'Main']);
});
after(async () => {
  rmSync(directory, { recursive: true, force: true });
  await instance?.stop();
});

const load = (file = conversation) => db.good(['import', file, '--workspace', 'Main']);

test('the demo conversation comes in whole, and once, also when two import it', async () => {
  const both = await Promise.all([load(), load()]);
  assert.ok(both.every(({ import: { made, found } }) => made + found === lines.length));
  assert.deepEqual((await load()).import, { made: 0, found: lines.length });
  const messages = lines.filter(({ kind }) => kind === 'message');
  assert.deepEqual(await db.sql('SELECT count(*) FROM messages'), [[String(messages.length)]]);
  assert.deepEqual(await db.sql("SELECT name FROM streams WHERE type = 'channel' AND private"), [['pricing']]);
});

test('its numbers have no gaps, and no event is from the future', async () => {
  const rows = await db.sql(`SELECT s.id FROM streams s LEFT JOIN stream_events e ON e.stream_id = s.id
    GROUP BY s.id HAVING s.last_seq <> count(e.seq) OR s.last_seq <> coalesce(max(e.seq), 0)`);
  assert.deepEqual(rows, []);
  assert.deepEqual(await db.sql('SELECT count(*) FROM stream_events WHERE created_at > now()'), [['0']]);
  assert.deepEqual(
    await db.sql(`SELECT count(*) FROM stream_events e JOIN stream_events n ON n.stream_id = e.stream_id AND n.seq = e.seq + 1
    WHERE n.created_at < e.created_at`),
    [['0']],
  );
});

test('threads belong to their messages and are counted there', async () => {
  const replies = new Map();
  for (const { replyTo } of lines) if (replyTo) replies.set(replyTo, (replies.get(replyTo) ?? 0) + 1);
  const rows = await db.sql(`SELECT substr(m.client_message_id, 8), m.reply_count, count(r.id)
    FROM messages m JOIN streams t ON t.parent_message_id = m.id JOIN messages r ON r.stream_id = t.id GROUP BY m.id`);
  assert.deepEqual(new Map(rows.map(([key, count]) => [key, Number(count)])), replies);
  assert.ok(rows.every(([, told, counted]) => told === counted));
});

test('dates in texts are relative to today, mentions are resolved, nobody can sign in', async () => {
  const [[text]] = await db.sql("SELECT content FROM messages WHERE client_message_id = 'import:launch-date'");
  const day = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
  assert.ok(text.includes(`**${day}**`), text);
  const [[mentions]] = await db.sql("SELECT mentions FROM messages WHERE content LIKE 'Beta list is complete%'");
  assert.deepEqual(
    JSON.parse(mentions).map(({ type, slug }) => [type, slug]),
    [['user', 'lin']],
  );
  assert.deepEqual(await db.sql("SELECT count(*) FROM users WHERE password_hash NOT LIKE '$argon2id$%'"), [['0']]);
});

const bad = [
  ['{', /line 2: /],
  ['[]', /kind is person, channel, message or read/],
  ['{"kind":"cat"}', /kind is/],
  ['{"kind":"person","email":"x@example.com"}', /a person has/],
  ['{"kind":"channel","name":1}', /a channel has/],
  ['{"kind":"channel","name":"c","members":["nobody@example.com"]}', /no person nobody@example.com/],
  ['{"kind":"channel","name":"d","members":["ada@example.com",1]}', /members are e-mail addresses/],
  ['{"kind":"channel","name":"e","private":true,"members":"ada@example.com"}', /members are e-mail addresses/],
  ['{"kind":"person","email":"other@example.com","name":"Ada","slug":"ada"}', /the slug is taken/],
  [
    '{"kind":"message","channel":"general","author":"ada@example.com","key":"k","day":-1,"time":"25:00","text":"t"}',
    /time is HH:MM/,
  ],
  [
    '{"kind":"message","channel":"general","author":"ada@example.com","key":"k","day":1,"time":"10:00","text":"t"}',
    /day is 0 or less/,
  ],
  [
    '{"kind":"message","channel":"general","author":"ada@example.com","key":"k","day":-1,"time":"10:00"}',
    /a message has/,
  ],
  [
    '{"kind":"message","channel":"nowhere","author":"ada@example.com","key":"k","day":-1,"time":"10:00","text":"t"}',
    /no channel nowhere/,
  ],
  [
    '{"kind":"message","channel":"general","author":"no@example.com","key":"k","day":-1,"time":"10:00","text":"t"}',
    /no person no@/,
  ],
  [
    '{"kind":"message","channel":"general","author":"ada@example.com","key":"k","replyTo":"z","day":-1,"time":"10:00","text":"t"}',
    /no message z/,
  ],
  [
    '{"kind":"message","channel":"pricing","author":"tomas@example.com","key":"k","day":-1,"time":"10:00","text":"t"}',
    /among the members/,
  ],
  ['{"kind":"read","channel":"general"}', /a read has/],
  ['{"kind":"read","channel":"general","person":"no@example.com"}', /no person/],
  [`{"kind":"person","email":"${'x'.repeat(1 << 20)}"}`, /too long/],
];
for (const [i, [line, message]] of bad.entries())
  test(`a line that does not fit is named: ${i}`, async () => {
    const file = join(directory, `bad-${i}.ndjson`);
    writeFileSync(file, `\n${line}\n`);
    const { status, err } = await db.admin(['import', file, '--workspace', 'Main']);
    assert.equal(status, 2, err);
    assert.match(err, /, line 2: /);
    assert.match(err, message);
  });

test('a reply that is refused leaves no thread behind', async () => {
  const parts = () =>
    db.sql(
      'SELECT (SELECT count(*) FROM streams), (SELECT count(*) FROM stream_events), (SELECT sum(version) FROM messages)',
    );
  const line = {
    kind: 'message',
    channel: 'pricing',
    author: 'ada@example.com',
    key: 'price-alone',
    day: 0,
    time: '00:00',
    text: 'nobody has answered',
  };
  const file = join(directory, 'refused.ndjson');
  writeFileSync(file, `${JSON.stringify(line)}\n`);
  await load(file);
  const was = await parts();
  writeFileSync(
    file,
    `${JSON.stringify({ ...line, author: 'tomas@example.com', key: 'k', replyTo: 'price-alone' })}\n`,
  );
  const { status, err } = await db.admin(['import', file, '--workspace', 'Main']);
  assert.equal(status, 2, err);
  assert.match(err, /among the members of pricing/);
  assert.deepEqual(await parts(), was);
});

test('read marks of people who are not in the channel are refused', async () => {
  const file = join(directory, 'outside.ndjson');
  writeFileSync(file, `${JSON.stringify({ kind: 'read', channel: 'pricing', person: 'tomas@example.com' })}\n`);
  assert.deepEqual((await load(file)).import, { made: 0, found: 1 });
  assert.deepEqual(
    await db.sql(`SELECT count(*) FROM stream_reads r JOIN users u ON u.id = r.user_id JOIN streams s ON s.id = r.stream_id
    JOIN streams root ON root.id = s.root_id WHERE u.email = 'tomas@example.com' AND root.name = 'pricing'`),
    [['0']],
  );
});

test('what was refused was not made', async () => {
  assert.deepEqual(await db.sql("SELECT name FROM streams WHERE name IN ('d', 'e')"), []);
  assert.deepEqual(await db.sql("SELECT email FROM users WHERE email = 'other@example.com'"), []);
});

test('prune takes the steps of sessions that ended before, and nothing else', async () => {
  await db.good(['create-persona', 'Ariadne', '--workspace', 'Main']);
  const session = (
    id,
    status,
    ago,
  ) => `INSERT INTO agent_sessions (id, workspace_id, persona_id, chain_id, status, last_seq, step_count, started_at, completed_at)
    SELECT '${id}', workspace_id, id, '${id}', '${status}', 4, 1, now() - interval '${ago}', ${status === 'running' ? 'NULL' : `now() - interval '${ago}'`}
    FROM personas WHERE slug = 'ariadne';
    INSERT INTO steps (session_id, id, step_number, step_type, start_seq, end_seq, seq, started_at) VALUES ('${id}', 'stp', 1, 'thinking', 2, 3, 3, now());
    INSERT INTO session_sources VALUES ('${id}', 'key');
    INSERT INTO session_events (session_id, seq, type, session) VALUES ('${id}', 1, 'agent_session:started', '{}'), ('${id}', 4, 'agent_session:completed', '{}');`;
  await db.sql(
    session('ses_old', 'completed', '91 days') +
      session('ses_older', 'failed', '400 days') +
      session('ses_new', 'completed', '89 days') +
      session('ses_long', 'running', '91 days'),
  );
  const left = () =>
    db.sql(`SELECT s.id, (SELECT count(*) FROM steps x WHERE x.session_id = s.id), (SELECT count(*) FROM session_sources x WHERE x.session_id = s.id),
    (SELECT string_agg(seq::text, ',' ORDER BY seq) FROM session_events x WHERE x.session_id = s.id), s.step_count, s.pruned_at IS NOT NULL
    FROM agent_sessions s ORDER BY s.id`);
  const events = await db.sql('SELECT count(*) FROM stream_events');
  await db.good(['create-workspace', 'Elsewhere']);
  assert.deepEqual((await db.good(['prune', '--older-than', '90d', '--workspace', 'Elsewhere'])).pruned, {
    sessions: 0,
    steps: 0,
  });
  const both = await Promise.all([1, 2].map(() => db.good(['prune', '--older-than', '90d'])));
  assert.equal(both[0].pruned.sessions + both[1].pruned.sessions, 2);
  assert.equal(both[0].pruned.steps + both[1].pruned.steps, 2);
  // What is left is the event that tells of it.
  assert.deepEqual(await left(), [
    ['ses_long', '1', '1', '1,4', '1', 'f'],
    ['ses_new', '1', '1', '1,4', '1', 'f'],
    ['ses_old', '0', '0', '5', '1', 't'],
    ['ses_older', '0', '0', '5', '1', 't'],
  ]);
  assert.deepEqual(await db.sql('SELECT count(*) FROM stream_events'), events);
  assert.deepEqual((await db.good(['prune', '--older-than', '2136h'])).pruned, { sessions: 1, steps: 1 });
});

test('what a redaction rule names is not imported either', async () => {
  await db.good(['create-workspace', 'Discreet']);
  const rule = ['--name', 'card', '--pattern', '\\b\\d{16}\\b'];
  await db.good(['redaction', 'set', '--workspace', 'Discreet', ...rule]);
  const file = join(directory, 'cards.ndjson');
  const card = '4111111111111111';
  const message = { kind: 'message', channel: `of-${card}`, author: 'cara@example.com', day: 0, time: '00:00' };
  const said = [
    { kind: 'person', email: 'cara@example.com', name: 'Cara' },
    { kind: 'channel', name: `of-${card}`, members: ['cara@example.com'] },
    { ...message, key: 'c1', text: `It is ${card}, until {day+9}.` },
    { ...message, key: 'c2', replyTo: 'c1', text: `${card} it is.` },
    { kind: 'read', channel: `of-${card}`, person: 'cara@example.com' },
  ];
  writeFileSync(file, said.map((line) => JSON.stringify(line)).join('\n'));
  const load = async () => (await db.good(['import', file, '--workspace', 'Discreet'])).import;
  assert.deepEqual(await load(), { made: said.length, found: 0 });
  assert.deepEqual(await load(), { made: 0, found: said.length });
  const texts = await db.sql(`SELECT s.name, m.content FROM messages m JOIN streams s ON s.id = m.stream_id
    WHERE m.client_message_id IN ('import:c1', 'import:c2') ORDER BY m.client_message_id`);
  assert.deepEqual(
    texts.map(([name, text]) => [name, text.replace(/until .*/, 'until then')]),
    [
      ['of-[redacted:card]', 'It is [redacted:card], until then'],
      ['of-[redacted:card]', '[redacted:card] it is.'],
    ],
  );
});
