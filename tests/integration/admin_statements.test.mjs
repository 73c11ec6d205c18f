// Every statement of the stores fits the schema, and none goes through a table that grows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, build, run } from './admin.mjs';

let instance;
before(async () => (instance = await start()));
after(() => instance?.stop());

test('every statement can be prepared and looks its rows up by an index', async (t) => {
  const db = await Database.migrated(instance);
  const { out, status, err } = await run(await build('tests/integration/statements'), [], { env: { DATABASE_URL: db.url } });
  assert.equal(status, 0, err);
  const lines = out.split('\n');
  const found = lines.flatMap((line, i) => (/^(not )?ok \d+ - /.test(line) ? [i] : []));
  assert.ok(found.length > 60, out);
  for (const i of found) await t.test(lines[i].replace(/^.* - /, ''), () => assert.ok(lines[i].startsWith('ok'), lines[i + 1]));
});
