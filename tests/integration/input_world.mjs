// SPDX-License-Identifier: Apache-2.0
// What the tests of bad input and of access share: the routes as docs/api.md lists them (a lint compares it with the
// programs), filled with the ids of one private conversation, and a call of each that would do something. The door of
// foreign agents and those of coding agents and of other people's clients speak the protocols of others: ingest.test.mjs,
// clients/mcp.test.mjs, clients/dialects.test.mjs.
import { setTimeout as sleep } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { newId } from '../lib/ids.mjs';
import { Client } from '../lib/rest.mjs';

export const MARK = 'quetzalcoatlus';

const document = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

export const routes = [
  ...document.matchAll(/^\| `(GET|POST|PUT|PATCH|DELETE) (\/(?!ingest\/|mcp`|[^`]*\/(?:stream|ag-ui)`)[^` ]*)`/gm),
].map(([, method, pattern]) => ({
  method,
  pattern,
  name: `${method} ${pattern}`,
}));

export const isForAdmins = ({ pattern }) =>
  /^\/api\/workspaces\/\{ws\}\/(people|invites|personas|tokens|channels|audit|webhooks|redaction|retention)(\/|$)/.test(
    pattern,
  );
export const isSafe = (route) => route.method === 'GET';

const SESSIONS = '/api/workspaces/{ws}/agent-sessions';

// For each operation: who else may call it, what it names besides its path, and a body that would be taken.
// `who`: anyone, person, program, share (the ticket of one); absent: person and program. `scope`: of a token.
const facts = {
  'POST /api/auth/login': { who: 'anyone', body: () => ({ email: 'nobody@example.com', password: 'wrong wrong' }) },
  'GET /api/auth/methods': { who: 'anyone' },
  'POST /api/auth/provider/begin': { who: 'anyone' },
  'POST /api/auth/provider/complete': { who: 'anyone', body: () => ({ code: 'x', state: 'x' }) },
  'POST /api/auth/logout': { who: 'person' },
  'GET /api/auth/me': {},
  'GET /api/workspaces/{ws}': { scope: 'read' },
  'GET /api/workspaces/{ws}/mentionable': { scope: 'read', query: ({ str }) => `?streamId=${str}` },
  'PUT /api/workspaces/{ws}/model-status': {
    who: 'program',
    scope: 'messages:write',
    body: () => ({ status: 'reachable' }),
  },
  'POST /api/workspaces/{ws}/streams': {
    who: 'person',
    body: () => ({ type: 'channel', name: newId('x').toLowerCase() }),
  },
  'GET /api/workspaces/{ws}/statistics': { scope: 'read', query: () => '?by=hour&limit=10' },
  'GET /api/workspaces/{ws}/prices': { scope: 'read' },
  'PUT /api/workspaces/{ws}/prices': {
    who: 'person',
    body: () => ({ model: 'm', inputUsd: 1, outputUsd: 2, cacheReadUsd: 0.1, cacheWriteUsd: 1.25 }),
  },
  'DELETE /api/workspaces/{ws}/prices': { who: 'person', body: () => ({ model: 'm' }) },
  'POST /api/workspaces/{ws}/tokens': { who: 'person', body: ({ per }) => ({ personaId: per, scopes: ['ingest'] }) },
  'GET /api/workspaces/{ws}/tokens': { who: 'person' },
  'POST /api/workspaces/{ws}/tokens/{tok}/rotate': { who: 'person', body: () => ({ overlapSeconds: 3600 }) },
  'DELETE /api/workspaces/{ws}/tokens/{tok}': { who: 'person' },
  'GET /api/workspaces/{ws}/people': { who: 'person' },
  'PATCH /api/workspaces/{ws}/people/{usr}': { who: 'person', body: () => ({ name: 'Dora', role: 'member' }) },
  'POST /api/workspaces/{ws}/people/{usr}/sign-out': { who: 'person' },
  'POST /api/workspaces/{ws}/people/{usr}/deactivate': { who: 'person' },
  'POST /api/workspaces/{ws}/people/{usr}/activate': { who: 'person' },
  'GET /api/workspaces/{ws}/invites': { who: 'person' },
  'POST /api/workspaces/{ws}/invites': {
    who: 'person',
    body: () => ({ email: `${newId('x')}@example.com`.toLowerCase(), role: 'member' }),
  },
  'DELETE /api/workspaces/{ws}/invites/{inv}': { who: 'person' },
  'POST /api/invites/{inv}': { who: 'anyone', body: () => ({ secret: 'x' }) },
  'POST /api/invites/{inv}/accept': {
    who: 'anyone',
    body: () => ({ secret: 'x', name: 'N', password: 'long enough' }),
  },
  'POST /api/workspaces/{ws}/personas': {
    who: 'person',
    body: () => ({ name: 'N', slug: newId('x').toLowerCase().replace('_', '-'), avatar: 'N', description: 'd' }),
  },
  'PATCH /api/workspaces/{ws}/personas/{per}': {
    who: 'person',
    body: () => ({ name: 'Ariadne', avatar: 'A', description: 'd' }),
  },
  'GET /api/workspaces/{ws}/channels': { who: 'person' },
  'GET /api/workspaces/{ws}/audit': { who: 'person' },
  'GET /api/workspaces/{ws}/redaction': { who: 'person' },
  'PUT /api/workspaces/{ws}/redaction': { who: 'person', body: () => ({ name: 'never', pattern: 'never said' }) },
  'DELETE /api/workspaces/{ws}/redaction': { who: 'person', body: () => ({ name: 'never' }) },
  'POST /api/workspaces/{ws}/redaction/try': { who: 'person', body: () => ({ text: 'x', pattern: 'y' }) },
  'GET /api/workspaces/{ws}/retention': { who: 'person' },
  'PUT /api/workspaces/{ws}/retention': { who: 'person', body: () => ({ days: null }) },
  'PUT /api/workspaces/{ws}/streams/{str}/retention': { who: 'person', body: () => ({ days: 365 }) },
  'DELETE /api/workspaces/{ws}/streams/{str}/retention': { who: 'person' },
  'POST /api/workspaces/{ws}/webhooks': {
    who: 'person',
    body: () => ({ url: 'https://example.com/', events: ['session.failed'] }),
  },
  'GET /api/workspaces/{ws}/webhooks': { who: 'person' },
  'DELETE /api/workspaces/{ws}/webhooks/{whk}': { who: 'person' },
  'GET /api/workspaces/{ws}/streams/{str}': { scope: 'read' },
  'GET /api/workspaces/{ws}/streams/{str}/members': { scope: 'read' },
  'POST /api/workspaces/{ws}/streams/{str}/members': { who: 'person', body: ({ usr }) => ({ userId: usr }) },
  'DELETE /api/workspaces/{ws}/streams/{str}/members': { who: 'person', body: ({ usr }) => ({ userId: usr }) },
  'GET /api/workspaces/{ws}/streams/{str}/bootstrap': { scope: 'read' },
  'GET /api/workspaces/{ws}/streams/{str}/events': { scope: 'read' },
  'POST /api/workspaces/{ws}/streams/{str}/messages': {
    scope: 'messages:write',
    body: () => ({ content: 'hello', clientMessageId: newId('x') }),
  },
  'POST /api/workspaces/{ws}/streams/{str}/read': { who: 'person', body: () => ({ seq: 1 }) },
  'GET /api/workspaces/{ws}/messages/{msg}': { scope: 'read' },
  'PATCH /api/workspaces/{ws}/messages/{msg}': { scope: 'messages:write', body: () => ({ content: 'changed' }) },
  'DELETE /api/workspaces/{ws}/messages/{msg}': { scope: 'messages:write' },
  'POST /api/workspaces/{ws}/messages/{msg}/thread': { scope: 'messages:write' },
  'GET /api/workspaces/{ws}/search': { scope: 'read', query: ({ str }) => `?q=${MARK}&forStream=${str}` },
  'GET /api/workspaces/{ws}/events': {
    scope: 'read',
    query: ({ str, ses }) => `?room=stream:${str}&room=session:${ses}`,
  },
  [`POST ${SESSIONS}`]: {
    who: 'program',
    scope: 'sessions:write',
    body: ({ str }) => ({
      streamId: str,
      title: 'T',
      metadata: { a: 1 },
      source: { kind: 'k', client: 'c', version: '1' },
      threadKey: 't',
      userId: 'u',
      tags: ['a'],
      environment: 'e',
      project: 'p',
    }),
  },
  [`GET ${SESSIONS}`]: { scope: 'read' },
  [`GET ${SESSIONS}/{ses}`]: { scope: 'read' },
  // Title and metadata are changed by the agent alone: session_fields.test.mjs.
  [`PATCH ${SESSIONS}/{ses}`]: { scope: 'sessions:write', body: () => ({ tags: ['a'] }) },
  [`POST ${SESSIONS}/{ses}/ratings`]: {
    scope: 'scores:write',
    body: ({ stp }) => ({ target: stp, thumb: 'up', note: 'n', name: 'm', score: 0.5 }),
  },
  [`GET ${SESSIONS}/{ses}/ratings`]: { scope: 'read' },
  [`DELETE ${SESSIONS}/{ses}/ratings/{rat}`]: { scope: 'scores:write' },
  [`GET ${SESSIONS}/{ses}/outline`]: { scope: 'read' },
  [`GET ${SESSIONS}/{ses}/instructions`]: { scope: 'read' },
  [`GET ${SESSIONS}/{ses}/export`]: { scope: 'read' },
  [`GET ${SESSIONS}/{ses}/steps/{stp}`]: { scope: 'read' },
  [`POST ${SESSIONS}/{ses}/claim`]: { who: 'program', scope: 'sessions:write', body: () => ({ workerId: 'w' }) },
  [`POST ${SESSIONS}/{ses}/steps`]: {
    who: 'program',
    scope: 'sessions:write',
    body: () => ({
      stepType: 'tool_call',
      name: 'n',
      completed: true,
      content: { tool: 't' },
      usage: { model: 'm', inputTokens: 1, costUsd: 0.5 },
      sources: [{ type: 'web', title: 'T', url: 'https://example.org/' }],
    }),
  },
  [`PUT ${SESSIONS}/{ses}/steps/{stp}`]: {
    who: 'program',
    scope: 'sessions:write',
    body: () => ({
      stepType: 'tool_call',
      name: 'n',
      completed: true,
      content: { tool: 't' },
      input: { a: 1 },
      output: 'x',
      attributes: { b: 2 },
      usage: { model: 'm', inputTokens: 1, costUsd: 0.5 },
    }),
  },
  [`POST ${SESSIONS}/{ses}/steps/{stp}/progress`]: {
    who: 'program',
    scope: 'sessions:write',
    body: () => ({ content: 'text', n: 1, checkpoint: true }),
  },
  [`POST ${SESSIONS}/{ses}/steps/{stp}/decision`]: { who: 'person', body: () => ({ option: 'approve', note: 'n' }) },
  [`POST ${SESSIONS}/{ses}/steps/{stp}/complete`]: {
    who: 'program',
    scope: 'sessions:write',
    body: () => ({ content: 'text', error: { code: 'c', message: 'm' } }),
  },
  [`POST ${SESSIONS}/{ses}/batch`]: {
    who: 'program',
    scope: 'sessions:write',
    body: () => ({ op: 'record', stepType: 'thinking', content: 'x' }),
  },
  [`POST ${SESSIONS}/{ses}/heartbeat`]: { who: 'program', scope: 'sessions:write' },
  [`POST ${SESSIONS}/{ses}/complete`]: { who: 'program', scope: 'sessions:write', body: () => ({ seenSeq: 1 }) },
  [`POST ${SESSIONS}/{ses}/fail`]: {
    who: 'program',
    scope: 'sessions:write',
    body: () => ({ error: { code: 'c', message: 'm' } }),
  },
  [`POST ${SESSIONS}/{ses}/cancel`]: { scope: 'sessions:write' },
  [`POST ${SESSIONS}/{ses}/retry`]: { scope: 'sessions:write' },
  [`POST ${SESSIONS}/{ses}/shares`]: { who: 'person', body: () => ({ days: 7 }) },
  [`GET ${SESSIONS}/{ses}/shares`]: { who: 'person' },
  'GET /api/workspaces/{ws}/shares': { who: 'person' },
  'PUT /api/workspaces/{ws}/shares': { who: 'person', body: () => ({ enabled: true }) },
  'DELETE /api/workspaces/{ws}/shares/{shr}': { who: 'person' },
  'POST /api/shares/{shr}/ticket': { who: 'anyone', body: () => ({ secret: 'x' }) },
  'GET /api/shares/{shr}/agent-sessions/{ses}': { who: 'share' },
  'GET /api/shares/{shr}/agent-sessions/{ses}/outline': { who: 'share' },
  'GET /api/shares/{shr}/agent-sessions/{ses}/steps/{stp}': { who: 'share' },
  'GET /api/shares/{shr}/events': { who: 'share', query: ({ ses }) => `?room=session:${ses}` },
  'GET /healthz': { who: 'anyone' },
  'GET /metrics': { who: 'nobody' },
};

assert.deepEqual(
  routes.map(({ name }) => name).sort(),
  Object.keys(facts).sort(),
  'every route of docs/api.md has its facts here',
);
for (const route of routes)
  Object.assign(route, { who: 'known', query: () => '', body: () => undefined }, facts[route.name]);

export const fill = (route, ids) => route.pattern.replace(/\{(\w+)\}/g, (_, kind) => ids[kind]);
// What it names: only who may see that gets an answer.
export const names = (route, kind) =>
  route.pattern.includes(`{${kind}}`) || route.query({ str: '{str}', ses: '{ses}' }).includes(`{${kind}}`);

export const call = (client, route, ids, headers) =>
  client.request(route.method, fill(route, ids) + route.query(ids), route.body(ids), headers);

// A client with the ticket of that link.
export async function openShare({ base }, share, secret) {
  const reply = (await new Client(base).post(`/api/shares/${share}/ticket`, { secret })).expect(200);
  return new Client(base, { cookie: reply.headers.get('set-cookie').split(';')[0] });
}

// A private channel of `person` with a message, a session of `agent` and its open step, a question.
export async function privateWorld(person, agent, userId) {
  const ws = person.workspace;
  const persona = (await agent.get('/api/auth/me')).expect(200).body.persona;
  const str = (await person.post('streams', { type: 'channel', name: `hidden-${MARK}`, private: true })).expect(201)
    .body.stream.id;
  const message = (await person.post(`streams/${str}/messages`, { content: `@${persona.slug} about ${MARK}` })).expect(
    201,
  ).body.message;
  const session = (await agent.get(`agent-sessions?streamId=${message.threadId}`)).expect(200).body.sessions[0];
  (await agent.post(`agent-sessions/${session.id}/claim`, { workerId: 'w' })).expect(200);
  const asked = { stepType: 'approval', content: { question: MARK } };
  const { step } = (await agent.post(`agent-sessions/${session.id}/steps`, asked)).expect(201).body;
  const hook = { url: 'https://example.com/', events: ['session.failed'] };
  const whk = (await person.post('webhooks', hook)).expect(201).body.webhook.id;
  const { share, secret } = (await person.post(`agent-sessions/${session.id}/shares`, {})).expect(201).body;
  const { rating } = (await person.post(`agent-sessions/${session.id}/ratings`, { thumb: 'up' })).expect(201).body;
  const { token } = (await person.post('tokens', { personaId: persona.id, scopes: ['ingest'] })).expect(201).body;
  const { invite } = (await person.post('invites', { email: 'eve@example.com' })).expect(201).body;
  const ids = {
    rat: rating.id,
    ws,
    str,
    msg: message.id,
    ses: session.id,
    stp: step.id,
    usr: userId,
    per: persona.id,
    tok: token.id,
    inv: invite.id,
    shr: share.id,
    whk,
  };
  return { ids, shared: await openShare(person, share.id, secret) };
}

// Secrets may be tried five times a second from one address (conf/nginx.conf.in), whatever stands in the body.
export async function unhurried(call) {
  for (;;) {
    const reply = await call();
    if (reply.status !== 429) return reply;
    await sleep(1000 * Number(reply.headers.get('retry-after')));
  }
}
