// lib/pg, which all programs but the pusher speak to the database by, against a real one: tests/integration/lib_pg.c.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, build, run } from './admin.mjs';

let instance;
before(async () => (instance = await start()));
after(() => instance?.stop());

test('the database connection', async (t) => {
  const db = await Database.make(instance);
  const { out, err } = await run(await build('tests/integration/lib_pg'), [], { env: { DATABASE_URL: db.url } });
  const results = [...out.matchAll(/^(not )?ok \d+ - (.*)$/gm)];
  assert.equal(results.length, 11, out + err);
  for (const [, failed, name] of results) await t.test(name, () => assert.ok(!failed, out + err));
});
