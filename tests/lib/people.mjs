// SPDX-License-Identifier: Apache-2.0
// People, personas and tokens beyond those that an instance begins with, written straight into its tables.
import { createHash, randomBytes } from 'node:crypto';
import { newId } from './ids.mjs';
import { Client } from './rest.mjs';

const hash = (secret) => `'\\x${createHash('sha256').update(secret).digest('hex')}'`;

// Signed in, and a member of `workspace` (the instance's own if absent).
export async function addPerson(instance, name, { workspace = instance.env.TRACE_WORKSPACE, role = 'member' } = {}) {
  const id = newId('usr');
  const login = newId('lgn');
  const slug = name.toLowerCase();
  const secret = randomBytes(32).toString('base64url');
  await instance.psql(`BEGIN;
    INSERT INTO users (id, email, name, avatar, password_hash) VALUES ('${id}', '${id}@example.com', '${name}', '${name[0]}', '-');
    INSERT INTO workspace_members (workspace_id, user_id, slug, role) VALUES ('${workspace}', '${id}', '${slug}', '${role}');
    INSERT INTO login_sessions (id, user_id, hash, expires_at) VALUES ('${login}', '${id}', ${hash(secret)}, now() + interval '1 day');
    COMMIT`);
  const client = new Client(instance.url, { cookie: `trace_login=${secret}`, workspace });
  return Object.assign(client, { id, login, slug, name });
}

export async function addPersona(instance, name, { workspace = instance.env.TRACE_WORKSPACE } = {}) {
  const id = newId('per');
  await instance.psql(`INSERT INTO personas (id, workspace_id, name, slug, avatar)
    VALUES ('${id}', '${workspace}', '${name}', '${name.toLowerCase()}', '${name[0]}')`);
  return { id, name, slug: name.toLowerCase() };
}

export async function addToken(instance, persona, scopes, { workspace = instance.env.TRACE_WORKSPACE } = {}) {
  const id = newId('tok');
  const token = `atk_${randomBytes(32).toString('base64url')}`;
  await instance.psql(`INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
    VALUES ('${id}', '${workspace}', '${persona}', ${hash(token)}, '{${scopes.join(',')}}')`);
  return Object.assign(new Client(instance.url, { token, workspace }), { id, persona });
}

export async function addWorkspace(instance, name) {
  const id = newId('ws');
  await instance.psql(`INSERT INTO workspaces (id, name) VALUES ('${id}', '${name}')`);
  return id;
}
