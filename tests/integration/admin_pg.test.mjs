// SPDX-License-Identifier: Apache-2.0
// store/pg, through which all programs but the pusher use the database, against a real one: runs store_pg.c.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, build, run } from './admin.mjs';

let instance;
before(async () => (instance = await start()));
after(() => instance?.stop());

test('the database connection', async (t) => {
  const db = await Database.make(instance);
  const { out, err } = await run(await build('tests/integration/store_pg'), [], { env: { DATABASE_URL: db.url } });
  const results = [...out.matchAll(/^(not )?ok \d+ - (.*)$/gm)];
  assert.equal(results.length, 13, out + err);
  for (const [, failed, name] of results) await t.test(name, () => assert.ok(!failed, out + err));
});
