// SPDX-License-Identifier: Apache-2.0
// Parts of openapi.test.mjs's story: how a session is rated, shared, and told in other protocols.
import assert from 'node:assert/strict';
import { addPerson, addToken } from '../lib/people.mjs';

export { accessStory } from './openapi_access.mjs';

const conflict = async (contract, client, operationId, options, code) =>
  assert.equal((await contract.call(client, operationId, { ...options, status: 409 })).code, code);

export async function rateStory({ instance, contract, ids, session, person }) {
  const call = (...parts) => contract.call(...parts);
  const evaluator = await addToken(instance, instance.env.TRACE_PERSONA, ['read', 'scores:write']);
  const made = await call(person, 'rateSession', { params: session, name: 'person', status: 201 });
  await call(person, 'rateSession', { params: session, name: 'person' });
  await call(evaluator, 'rateSession', { params: session, name: 'program', status: 201 });
  await call(evaluator, 'listRatings', { params: session, query: { target: ids.session } });
  await call(person, 'changeSession', { params: session, body: { tags: ['maze'] } });
  await call(person, 'takeBackRating', { params: { ...session, rat: made.body.rating.id }, status: 204 });
  await instance.psql(`INSERT INTO ratings (id, session_id, target, rater_id, name, thumb)
    SELECT new_id('rat'), id, id, 'usr_', n::text, 1 FROM agent_sessions, generate_series(1, 10000) n WHERE id = '${contract.id(ids.session)}'`);
  await conflict(contract, person, 'rateSession', { params: session, body: { thumb: 'up' } }, 'too_many_ratings');
  await instance.psql("DELETE FROM ratings WHERE rater_id = 'usr_'");
}

// Returns a client with the ticket of the share.
export async function shareStory({ instance, contract, ids, session, share, nobody, person, agent }) {
  const call = (...parts) => contract.call(...parts);
  const ws = { ws: session.ws };
  await call(person, 'enableShares', { params: ws, body: { enabled: false } });
  await conflict(contract, person, 'makeShare', { params: session, body: {} }, 'sharing_off');
  await call(person, 'enableShares', { params: ws });
  const made = (await call(person, 'makeShare', { params: session, status: 201, compare: false })).body;
  contract.know(ids.share, made.share.id);
  await call(person, 'listShares', { params: session });
  await call(person, 'listWorkspaceShares', { params: ws });
  const opened = await call(nobody, 'openShare', { params: share, body: { secret: made.secret } });
  const shared = nobody.with({ cookie: opened.headers.get('set-cookie').split(';')[0] });
  await call(shared, 'getSharedSession', { params: share });
  await call(shared, 'getSharedOutline', { params: share });
  await call(shared, 'getSharedStep', { params: share });
  const room = ['room', `session:${ids.session}`];
  const options = { path: `/api/shares/${made.share.id}/events`, id: 'openSharedEvents' };
  const live = await contract.openEvents(shared, [room, ['lastEventId', '0']], {}, options);
  const { head } = JSON.parse(/^data: (.*)$/m.exec(live.text)[1]).rooms[`session:${contract.id(ids.session)}`];
  assert.equal((await contract.openEvents(shared, [room], { 'Last-Event-ID': String(head) }, options)).status, 204);
  const member = await addPerson(instance, 'Carol');
  const alone = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  await call(member, 'makeShare', { params: { ...ws, ses: alone }, body: {}, status: 403 });
  await call(member, 'listShares', { params: { ...ws, ses: alone }, status: 403 });
  await call(member, 'enableShares', { params: ws, body: { enabled: true }, status: 403 });
  await instance.psql(`INSERT INTO shares (id, workspace_id, session_id, made_by, hash, expires_at)
    SELECT new_id('shr'), workspace_id, session_id, made_by, sha256(n::text::bytea), expires_at
    FROM shares, generate_series(1, 99) n WHERE id = '${made.share.id}'`);
  await conflict(contract, person, 'makeShare', { params: session, body: {} }, 'too_many_shares');
  await instance.psql(`DELETE FROM shares WHERE id <> '${made.share.id}'`);
  const other = (await call(person, 'makeShare', { params: session, body: {}, status: 201 })).body.share.id;
  await call(person, 'revokeShare', { params: { ...ws, shr: other }, status: 204 });
  return shared;
}

export async function guessStory({ contract, share, nobody }) {
  const call = (...parts) => contract.call(...parts);
  const body = { email: 'guess@example.com', password: 'wrong wrong' };
  for (let i = 0; i < 10; i++) await call(nobody, 'login', { body, status: 401 });
  await call(nobody, 'login', { body, status: 429 });
  const guess = { params: share, body: { secret: 'wrong' } };
  for (let i = 0; i < 20; i++)
    (await nobody.post(`/api/shares/${contract.id(share.shr)}/ticket`, guess.body)).expect(404, 429);
  await call(nobody, 'openShare', { ...guess, status: 429 });
}

export async function dialectStory({ contract, session, person, agent }) {
  const call = (...parts) => contract.call(...parts);
  const ws = { ws: session.ws };
  await call(person, 'resumeMessageStream', { params: session, status: 204 });
  await call(agent, 'followRun', { params: session });
  const running = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const enough = /(start-step|RUN_STARTED).*\n\n/;
  const page = await contract.open(person, 'resumeMessageStream', `agent-sessions/${running}/stream`, { enough });
  assert.equal(page.headers.get('x-vercel-ai-ui-message-stream'), 'v1');
  const { stream } = (await person.post('streams', { type: 'channel', name: 'runs' })).expect(201).body;
  const run = (content) => ({ messages: [{ role: 'user', content }] });
  const started = { method: 'POST', body: run('@ariadne, where is the thread?'), enough };
  await contract.open(person, 'startRun', `streams/${stream.id}/ag-ui`, started);
  const params = { ...ws, str: stream.id };
  await conflict(contract, person, 'startRun', { params, body: run('who is there?') }, 'nobody_called');
}

export async function webhookStory({ contract, person, ws }) {
  const { webhook } = (await contract.call(person, 'createWebhook', { params: ws, status: 201 })).body;
  await contract.call(person, 'listWebhooks', { params: ws });
  await contract.call(person, 'removeWebhook', { params: { ...ws, whk: webhook.id }, status: 204 });
}
