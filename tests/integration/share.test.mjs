// SPDX-License-Identifier: Apache-2.0
// Links of a session: how many there may be. Who may make them and what they show is tests/attack/shares.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World } from './session_world.mjs';

const MOST = 100;
let world;
before(async () => {
  world = await World.make();
});
after(() => world?.instance.stop());

test('of many that are made at once no more are made than there may be', async () => {
  const { ada, ids } = world;
  const session = await world.session();
  await world.sql(`INSERT INTO shares (id, workspace_id, session_id, made_by, hash, expires_at)
    SELECT new_id('shr'), '${ids.ws}', '${session}', '${ids.ada}', sha256(n::text::bytea), now() + interval '1 day'
    FROM generate_series(1, ${MOST - 2}) n`);
  const path = `agent-sessions/${session}/shares`;
  const replies = await Promise.all(Array.from({ length: 12 }, () => ada.post(path, {})));
  const made = replies.filter(({ status }) => status === 201);
  assert.equal(made.length, 2);
  for (const reply of replies.filter((each) => !made.includes(each)))
    assert.equal(reply.expect(409).code, 'too_many_shares');
  (await ada.delete(`/api/workspaces/${ids.ws}/shares/${made[0].body.share.id}`)).expect(204);
  (await ada.post(path, {})).expect(201);
  assert.equal((await ada.get(path)).expect(200).body.shares.length, MOST);
});
