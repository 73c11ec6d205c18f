// SPDX-License-Identifier: Apache-2.0
// A sign-in that is under way while an operator takes it from the person: whichever comes first, none is left over.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Holder } from '../lib/holder.mjs';
import { newId } from '../lib/ids.mjs';
import { findPrefix, start } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { Client } from '../lib/rest.mjs';
import { run } from './admin.mjs';

const PASSWORD = 'correct horse battery';
let instance, admin, email;

before(async () => {
  instance = await start();
  admin = join(await findPrefix(), 'bin', 'trace-admin');
});
after(() => instance?.stop());

const administer = (args, input) => run(admin, args, { env: { DATABASE_URL: instance.env.DATABASE_URL }, input });

beforeEach(async () => {
  email = `${newId('usr').toLowerCase()}@example.com`;
  const args = ['create-user', email, '--workspace', instance.env.TRACE_WORKSPACE, '--name', 'Ada'];
  const made = await administer(args, `${PASSWORD}\n`);
  assert.equal(made.status, 0, made.err);
});

const signIn = (cookie) =>
  new Client(instance.url, { cookie, headers: { origin: instance.url } }).post('/api/auth/login', {
    email,
    password: PASSWORD,
  });

const cookieOf = (reply) => reply.headers.getSetCookie()[0].split(';')[0];

test('a password that was changed meanwhile lets nobody in', async () => {
  const holder = await Holder.open(
    instance,
    `UPDATE users SET password_hash = 'another' WHERE email = '${email}';
     SELECT end_sign_ins(id) FROM users WHERE email = '${email}'`,
  );
  try {
    const reply = signIn();
    await Promise.race([holder.someoneWaits(), reply]);
    await holder.commit();
    assert.equal((await reply).expect(401).code, 'unauthenticated');
  } finally {
    holder.close();
  }
  assert.equal(
    (await instance.psql(`SELECT 1 FROM login_sessions JOIN users u ON u.id = user_id WHERE u.email = '${email}'`))
      .length,
    0,
  );
  // The attempt counts as what it was.
  assert.equal((await instance.psql(`SELECT 1 FROM login_failures WHERE account = lower('${email}')`)).length, 1);
});

for (const [command, input] of [
  ['set-password', 'another horse battery\n'],
  ['sign-out-everywhere'],
  ['deactivate'],
  ['erase-user'],
])
  test(`a sign-in that was not committed yet ends, too: ${command}`, async () => {
    // It replaces that of another person in the same browser, and waits for it.
    const other = await addPerson(instance, newId('usr'));
    const holder = await Holder.open(instance, `SELECT FROM login_sessions WHERE id = '${other.login}' FOR UPDATE`);
    try {
      const reply = signIn(other.cookie);
      await holder.someoneWaits();
      const done = administer([command, email], input);
      await Promise.race([holder.someoneWaits(2), done]);
      await holder.commit();
      const cookie = cookieOf((await reply).expect(200));
      assert.equal((await done).status, 0, (await done).err);
      (await new Client(instance.url, { cookie }).get('/api/auth/me')).expect(401);
    } finally {
      holder.close();
    }
  });
