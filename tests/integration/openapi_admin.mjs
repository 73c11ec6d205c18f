// SPDX-License-Identifier: Apache-2.0
// The part of the story in openapi.test.mjs in which an admin administers the workspace: every call for admins, with
// what the state of people and tokens forbids.
import assert from 'node:assert/strict';
import { addPerson, addWorkspace } from '../lib/people.mjs';
import { minimal, operations } from './openapi_contract.mjs';

export const isForAdmins = ({ tags }) => tags.includes('administration');

// Returns a member whom nothing has happened to.
export async function administer({ instance, person, nobody, call, conflict, ws }) {
  const bob = await addPerson(instance, 'Bob');
  const there = { ...ws, usr: bob.id };
  await call(person, 'listPeople', { params: ws });
  await call(person, 'changePerson', { params: there });
  await call(person, 'changePerson', { params: there, body: { role: 'member' } });
  const { user } = (await call(person, 'me', { name: 'person', compare: false })).body;
  const oneself = { ...ws, usr: user.id };
  await conflict(person, 'changePerson', { params: oneself, body: { role: 'member' } }, 'last_admin');
  await conflict(person, 'deactivatePerson', { params: oneself }, 'last_admin');
  for (const verb of ['signOutPerson', 'deactivatePerson', 'activatePerson'])
    await call(person, verb, { params: there, status: 204 });
  const both = await addPerson(instance, 'Olga', { workspace: await addWorkspace(instance, 'elsewhere') });
  await instance.psql(`INSERT INTO workspace_members (workspace_id, user_id, slug)
    VALUES ('${instance.env.TRACE_WORKSPACE}', '${both.id}', 'olga')`);
  for (const verb of ['changePerson', 'signOutPerson', 'deactivatePerson', 'activatePerson'])
    await conflict(person, verb, { params: { ...ws, usr: both.id }, body: minimal[verb] }, 'in_other_workspaces');

  const invited = (await call(person, 'createInvite', { params: ws, status: 201 })).body;
  await call(person, 'listInvites', { params: ws });
  const link = { inv: invited.invite.id };
  const { secret } = invited;
  await call(nobody, 'showInvite', { params: link, body: { secret } });
  const body = { secret, name: 'Wendy', password: 'long enough' };
  await call(nobody, 'acceptInvite', { params: link, body, status: 201 });
  await conflict(person, 'createInvite', { params: ws, body: { email: 'carol@example.com' } }, 'already_member');
  const other = { email: both.id.toLowerCase() + '@example.com' };
  await instance.psql(`DELETE FROM workspace_members WHERE user_id = '${both.id}'
    AND workspace_id = '${instance.env.TRACE_WORKSPACE}'`);
  const second = (await call(person, 'createInvite', { params: ws, body: other, status: 201 })).body;
  const again = { params: { inv: second.invite.id }, body: { secret: second.secret } };
  await conflict(nobody, 'acceptInvite', again, 'account_exists');
  await call(both, 'acceptInvite', again);
  const third = (await call(person, 'createInvite', { params: ws, body: { email: 'x@example.com' }, status: 201 }))
    .body;
  await call(person, 'withdrawInvite', { params: { ...ws, inv: third.invite.id }, status: 204 });

  const made = (await call(person, 'createPersona', { params: ws, status: 201 })).body.persona;
  await conflict(person, 'createPersona', { params: ws, body: { name: 'x', slug: made.slug } }, 'slug_taken');
  await call(person, 'changePersona', { params: { ...ws, per: made.id } });
  const token = { personaId: made.id, scopes: ['ingest'], label: 'x' };
  const first = (await call(person, 'createToken', { params: ws, body: token, compare: false, status: 201 })).body
    .token;
  await call(person, 'listTokens', { params: ws });
  await call(person, 'rotateToken', { params: { ...ws, tok: first.id }, status: 201 });
  await call(person, 'revokeToken', { params: { ...ws, tok: first.id }, status: 204 });
  await conflict(person, 'rotateToken', { params: { ...ws, tok: first.id }, body: {} }, 'token_ended');
  await call(person, 'listChannels', { params: ws });
  const filters = { limit: 1, before: 999, action: 'invite', actor: user.id };
  await call(person, 'listAudit', { params: ws, query: filters });
  const { nextBefore } = (await call(person, 'listAudit', { params: ws, query: { limit: 1 } })).body;
  await call(person, 'listAudit', { params: ws, query: { before: nextBefore } });
  return addPerson(instance, 'Bobby');
}

// What ends rights is answered otherwise while a pusher does not say that it has ended the streams.
export async function endRights({ instance, person, call, ws, bob }) {
  const { body } = await person.post('tokens', { personaId: instance.env.TRACE_PERSONA, scopes: ['read'] });
  await call(person, 'revokeToken', { params: { ...ws, tok: body.token.id } });
  await call(person, 'signOutPerson', { params: { ...ws, usr: bob.id } });
  await call(person, 'deactivatePerson', { params: { ...ws, usr: bob.id } });
}

export async function refuseMember({ member, call, callerOf }) {
  for (const operation of operations.filter(isForAdmins)) {
    const options = { ...callerOf(operation), body: minimal[operation.operationId], status: 403 };
    assert.equal((await call(member, operation.operationId, options)).code, 'admin_only', operation.operationId);
  }
}
