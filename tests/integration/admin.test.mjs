// SPDX-License-Identifier: Apache-2.0
// trace-admin's commands, each against a database of its own.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, run } from './admin.mjs';

let instance;
let db;
before(async () => {
  instance = await start();
  db = await Database.migrated(instance);
  await db.good(['create-workspace', 'Main']);
});
after(() => instance?.stop());

const person = (email, name, ...more) => ['create-user', email, '--workspace', 'Main', '--name', name, ...more];

test('a workspace has #general from the start, and its name is unique', async () => {
  const { workspace } = await db.good(['create-workspace', 'Second one']);
  assert.match(workspace.id, /^ws_[0-9A-Z]{26}$/);
  assert.match(workspace.generalStreamId, /^str_[0-9A-Z]{26}$/);
  const again = await db.admin(['create-workspace', 'Second one']);
  assert.equal(again.status, 2);
  assert.match(again.err, /already/);
  const { channels } = await db.good(['list', 'channels', '--workspace', workspace.id]);
  assert.deepEqual(
    channels.map(({ name, private: hidden }) => [name, hidden]),
    [['general', false]],
  );
});

test('people: password, slug, initials, and into a second workspace', async () => {
  const { user } = await db.good(person('zoe@example.com', 'Zoë Müller', '--admin'), { input: 'long enough\n' });
  assert.deepEqual([user.slug, user.avatar, user.role, user.existed], ['zoe-muller', 'ZM', 'admin', false]);
  const [[hash]] = await db.sql(`SELECT password_hash FROM users WHERE id = '${user.id}'`);
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);

  const twice = await db.admin(person('ZOE@example.com', 'Somebody'));
  assert.equal(twice.status, 2);
  assert.match(twice.err, /in the workspace already/);

  await db.good(['create-workspace', 'Other']);
  const other = await db.good(['create-user', 'zoe@example.com', '--workspace', 'Other', '--name', 'ignored']);
  assert.deepEqual([other.user.id, other.user.name, other.user.existed], [user.id, 'Zoë Müller', true]);
  assert.deepEqual(await db.sql(`SELECT password_hash FROM users WHERE id = '${user.id}'`), [[hash]]);
});

test('a slug belongs to one person or persona of a workspace', async () => {
  await db.good(person('sam@example.com', 'Sam'), { input: 'long enough' });
  const { persona } = await db.good([
    'create-persona',
    'Sam',
    '--workspace',
    'Main',
    '--description',
    'Helps',
    '--demo',
  ]);
  assert.deepEqual([persona.slug, persona.description, persona.demo], ['sam-2', 'Helps', true]);
  const taken = await db.admin(['create-persona', 'Samuel', '--workspace', 'Main', '--slug', 'sam']);
  assert.equal(taken.status, 2);
  const many = await Promise.all(
    Array.from({ length: 8 }, () => db.good(['create-persona', 'Crowd', '--workspace', 'Main'])),
  );
  assert.equal(new Set(many.map((made) => made.persona.slug)).size, 8);
});

test('a token is shown once, stored hashed, and its revocation is written beside it', async () => {
  await db.good(['create-persona', 'Ariadne', '--workspace', 'Main']);
  const { token } = await db.good([
    'create-token',
    '--workspace',
    'Main',
    '--persona',
    'ariadne',
    '--scope',
    'read,sessions:write',
  ]);
  assert.match(token.secret, /^atk_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(token.scopes, ['read', 'sessions:write']);
  const hash = createHash('sha256').update(token.secret).digest('hex');
  assert.deepEqual(await db.sql(`SELECT encode(hash, 'hex') FROM tokens WHERE id = '${token.id}'`), [[hash]]);

  const { tokens } = await db.good(['list-tokens', '--workspace', 'Main']);
  assert.ok(!JSON.stringify(tokens).includes('secret'));
  const first = await db.good(['revoke-token', token.id]);
  const second = await db.good(['revoke-token', token.id]);
  assert.deepEqual(second, first);
  assert.deepEqual(await db.sql(`SELECT count(*) FROM revocations WHERE principal = '${token.id}'`), [['1']]);
});

test('members come and go; those who go lose their live streams', async () => {
  const { user } = await db.good(person('kim@example.com', 'Kim'), { input: 'long enough' });
  const { stream } = await db.good(['create-channel', '#secret', '--workspace', 'Main', '--private']);
  const words = ['--stream', '#secret', '--user', 'kim@example.com', '--workspace', 'Main'];
  const revoked = () => db.sql(`SELECT count(*) FROM revocations WHERE principal = '${user.id}'`);
  assert.deepEqual(await db.good(['add-member', ...words]), {
    membership: { stream: stream.id, member: user.id, changed: true },
  });
  assert.equal((await db.good(['add-member', ...words])).membership.changed, false);
  assert.deepEqual(await revoked(), [['0']]);
  assert.equal((await db.good(['remove-member', '--stream', stream.id, '--user', user.id])).membership.changed, true);
  assert.equal((await db.good(['remove-member', '--stream', stream.id, '--user', user.id])).membership.changed, false);
  assert.deepEqual(await revoked(), [['1']]);
  // Both events are in the timeline, and nothing that was said before counts as unread.
  assert.deepEqual(
    await db.sql(`SELECT seq, type, update_type FROM stream_events WHERE stream_id = '${stream.id}' ORDER BY seq`),
    [
      ['1', 'stream:updated', 'members'],
      ['2', 'stream:updated', 'members'],
    ],
  );
  assert.deepEqual(await db.sql(`SELECT last_seq FROM streams WHERE id = '${stream.id}'`), [['2']]);
});

const wrong = [
  [['migrate', '--from', '/nowhere'], /no migrations/],
  [['create-workspace'], /NAME is missing/],
  [['create-workspace', ''], /1 to 200 bytes/],
  [['create-workspace', 'a', 'b'], /"b" is one argument too many/],
  [['create-workspace', 'a', '--name', 'b'], /no option --name/],
  [person('no address', 'X'), /not an e-mail address/],
  [person('x@example.com', 'X', '--avatar', 'https://example.com/x.png'), /avatar/],
  [person('x@example.com', 'X', '--name', 'Y'), /given twice/],
  [person('x@example.com', 'X'), /password on standard input/, 'short'],
  [person('x@example.com', 'X'), /password on standard input/, 'x'.repeat(1025)],
  [['create-user', 'x@example.com', '--workspace', 'Nowhere', '--name', 'X'], /no workspace "Nowhere"/],
  [['create-user', 'x@example.com', '--workspace', 'Main'], /--name NAME is missing/],
  [['create-persona', 'X', '--workspace'], /--workspace takes W/],
  [['create-persona', 'X', '--workspace=Main', '--demo=yes'], /--demo takes no value/],
  [['create-channel', 'two words', '--workspace', 'Main'], /without blanks/],
  [['create-channel', 'General', '--workspace', 'Main'], /already/],
  [['create-token', '--workspace', 'Main', '--persona', 'nobody', '--scope', 'read'], /no such persona/],
  [['create-token', '--workspace', 'Main', '--persona', 'ariadne', '--scope', 'read,'], /"" is no scope/],
  [['create-token', '--workspace', 'Main', '--persona', 'ariadne', '--scope', 'admin'], /"admin" is no scope/],
  [['revoke-token', 'tok_nothing'], /no such token/],
  [['add-member', '--stream', '#nowhere', '--user', 'x@example.com'], /no channel #nowhere/],
  [['add-member', '--stream', '#general', '--user', 'a', '--persona', 'b'], /either --user or --persona/],
  [['add-member', '--stream', '#general', '--user', 'a'], /more than one workspace/],
  [['add-member', '--stream', '#general', '--user', 'a', '--workspace', 'Main'], /a is not in the channel's workspace/],
  [['list', 'secrets'], /cannot be listed/],
  [['sweep', '--every', '0'], /1 to 3600/],
  [['prune', '--older-than', 'never'], /90d/],
  [['prune', '--older-than', '-1d'], /90d/],
  [['import', '/nowhere', '--workspace', 'Main'], /No such file/],
  [['nonsense'], /no command "nonsense"/],
];
for (const [i, [args, message, input]] of wrong.entries())
  test(`wrong input ${i}: ${args.join(' ').slice(0, 70)}`, async () => {
    const counts = `SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM personas), (SELECT count(*) FROM tokens)`;
    const was = await db.sql(counts);
    const { status, out, err } = await db.admin(args, { input });
    assert.equal(status, 2, err);
    assert.match(err, message);
    assert.equal(out, '');
    assert.deepEqual(await db.sql(counts), was);
  });

test('with --json errors are JSON too', async () => {
  const { status, err } = await db.admin(['revoke-token', 'x', '--json']);
  assert.equal(status, 2);
  assert.equal(typeof JSON.parse(err).error, 'string');
});

test('a missing database is a failure that is reported once', async () => {
  const { status, err } = await db.admin(['list', 'users'], { env: { DATABASE_URL: 'postgresql:///x?host=/nowhere' } });
  assert.equal(status, 1);
  assert.equal(err.trim().split('\n').length, 1);
  const unset = await run(db.program, ['list', 'users']);
  assert.equal(unset.status, 2);
  assert.match(unset.err, /TRACE_DATABASE_URL is not set/);
});

test('help for every command; the configuration needs no database', async () => {
  const { out } = await run(db.program, ['--help']);
  const names = [...out.matchAll(/^ {2}([a-z-]+) /gm)].map((found) => found[1]);
  assert.ok(names.length >= 15);
  for (const name of names) {
    const help = await run(db.program, [name, '--help']);
    assert.equal(help.status, 0);
    assert.match(help.out, new RegExp(`^usage: trace-admin ${name}\\b`));
  }
  const config = await run(db.program, ['config']);
  assert.equal(config.status, 0);
  assert.match(config.out, /^TRACE_DATABASE_URL=$/m);
  assert.equal((await run(db.program, [])).status, 2);
});

test('tables for people have a line for each row under a line of names', async () => {
  const { out } = await db.admin(['list', 'workspaces']);
  const lines = out.trimEnd().split('\n');
  assert.match(lines[0], /^id +name +createdAt$/);
  assert.equal(lines.length - 1, (await db.good(['list', 'workspaces'])).workspaces.length);
});
