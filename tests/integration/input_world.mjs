// What the tests of bad input and of access share: the routes as the README lists them (a lint compares it with the
// programs), filled with the ids of one private conversation, and a call of each that would do something.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { newId } from '../lib/ids.mjs';

export const MARK = 'quetzalcoatlus';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

export const routes = [...readme.matchAll(/`(GET|POST|PATCH|DELETE) (\/[^` ]*)`/g)].map(([, method, pattern]) => ({ method, pattern, name: `${method} ${pattern}` }));

export const isSafe = (route) => route.method === 'GET';

const SESSIONS = '/api/workspaces/{ws}/agent-sessions';

// Who may call it beside the one that it is for, what it names beside its path, and a body that would be taken.
// `who`: anyone, person, program; absent: both. `scope`: of a token.
const facts = {
  'POST /api/auth/login': { who: 'anyone', body: () => ({ email: 'nobody@example.com', password: 'wrong wrong' }) },
  'POST /api/auth/logout': { who: 'person' },
  'GET /api/auth/me': {},
  'GET /api/workspaces/{ws}': { scope: 'read' },
  'GET /api/workspaces/{ws}/mentionable': { scope: 'read', query: ({ str }) => `?streamId=${str}` },
  'POST /api/workspaces/{ws}/streams': { who: 'person', body: () => ({ type: 'channel', name: newId('x').toLowerCase() }) },
  'GET /api/workspaces/{ws}/streams/{str}': { scope: 'read' },
  'POST /api/workspaces/{ws}/streams/{str}/members': { who: 'person', body: ({ usr }) => ({ userId: usr }) },
  'DELETE /api/workspaces/{ws}/streams/{str}/members': { who: 'person', body: ({ usr }) => ({ userId: usr }) },
  'GET /api/workspaces/{ws}/streams/{str}/bootstrap': { scope: 'read' },
  'GET /api/workspaces/{ws}/streams/{str}/events': { scope: 'read' },
  'POST /api/workspaces/{ws}/streams/{str}/messages': { scope: 'messages:write', body: () => ({ content: 'hello', clientMessageId: newId('x') }) },
  'POST /api/workspaces/{ws}/streams/{str}/read': { who: 'person', body: () => ({ seq: 1 }) },
  'GET /api/workspaces/{ws}/messages/{msg}': { scope: 'read' },
  'PATCH /api/workspaces/{ws}/messages/{msg}': { scope: 'messages:write', body: () => ({ content: 'changed' }) },
  'DELETE /api/workspaces/{ws}/messages/{msg}': { scope: 'messages:write' },
  'POST /api/workspaces/{ws}/messages/{msg}/thread': { scope: 'messages:write' },
  'GET /api/workspaces/{ws}/search': { scope: 'read', query: ({ str }) => `?q=${MARK}&forStream=${str}` },
  'GET /api/workspaces/{ws}/events': { scope: 'read', query: ({ str, ses }) => `?room=stream:${str}&room=session:${ses}` },
  [`POST ${SESSIONS}`]: { who: 'program', scope: 'sessions:write', body: ({ str }) => ({ streamId: str, title: 'T', metadata: { a: 1 } }) },
  [`GET ${SESSIONS}`]: { scope: 'read' },
  [`GET ${SESSIONS}/{ses}`]: { scope: 'read' },
  [`GET ${SESSIONS}/{ses}/outline`]: { scope: 'read' },
  [`GET ${SESSIONS}/{ses}/steps/{stp}`]: { scope: 'read' },
  [`POST ${SESSIONS}/{ses}/claim`]: { who: 'program', scope: 'sessions:write', body: () => ({ workerId: 'w' }) },
  [`POST ${SESSIONS}/{ses}/steps`]: {
    who: 'program', scope: 'sessions:write',
    body: () => ({ stepType: 'tool_call', name: 'n', completed: true, content: { tool: 't' }, usage: { model: 'm', inputTokens: 1, costUsd: 0.5 },
      sources: [{ type: 'web', title: 'T', url: 'https://example.org/' }] }),
  },
  [`POST ${SESSIONS}/{ses}/steps/{stp}/progress`]: { who: 'program', scope: 'sessions:write', body: () => ({ content: 'text', checkpoint: true }) },
  [`POST ${SESSIONS}/{ses}/steps/{stp}/complete`]: { who: 'program', scope: 'sessions:write', body: () => ({ content: 'text', error: { code: 'c', message: 'm' } }) },
  [`POST ${SESSIONS}/{ses}/batch`]: { who: 'program', scope: 'sessions:write', body: () => ({ op: 'record', stepType: 'thinking', content: 'x' }) },
  [`POST ${SESSIONS}/{ses}/heartbeat`]: { who: 'program', scope: 'sessions:write' },
  [`POST ${SESSIONS}/{ses}/complete`]: { who: 'program', scope: 'sessions:write', body: () => ({ seenSeq: 1 }) },
  [`POST ${SESSIONS}/{ses}/fail`]: { who: 'program', scope: 'sessions:write', body: () => ({ error: { code: 'c', message: 'm' } }) },
  [`POST ${SESSIONS}/{ses}/cancel`]: { scope: 'sessions:write' },
  [`POST ${SESSIONS}/{ses}/retry`]: { scope: 'sessions:write' },
  'GET /healthz': { who: 'anyone' },
  'GET /metrics': { who: 'nobody' },
};

assert.deepEqual(routes.map(({ name }) => name).sort(), Object.keys(facts).sort(), 'every route of the README has its facts here');
for (const route of routes) Object.assign(route, { who: 'known', query: () => '', body: () => undefined }, facts[route.name]);

export const fill = (route, ids) => route.pattern.replace(/\{(\w+)\}/g, (_, kind) => ids[kind]);
// What it names: only who may see that gets an answer.
export const names = (route, kind) => route.pattern.includes(`{${kind}}`) || route.query({ str: '{str}', ses: '{ses}' }).includes(`{${kind}}`);

export const call = (client, route, ids, headers) =>
  client.request(route.method, fill(route, ids) + route.query(ids), route.body(ids), headers);

// A private channel of `person` with a message, a session of `agent` and its open step.
export async function privateWorld(person, agent, userId) {
  const ws = person.workspace;
  const persona = (await agent.get('/api/auth/me')).expect(200).body.persona;
  const str = (await person.post('streams', { type: 'channel', name: `hidden-${MARK}`, private: true })).expect(201).body.stream.id;
  const message = (await person.post(`streams/${str}/messages`, { content: `@${persona.slug} about ${MARK}` })).expect(201).body.message;
  const session = (await agent.get(`agent-sessions?streamId=${message.threadId}`)).expect(200).body.sessions[0];
  (await agent.post(`agent-sessions/${session.id}/claim`, { workerId: 'w' })).expect(200);
  const step = (await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking', content: MARK })).expect(201).body.step;
  return { ws, str, msg: message.id, ses: session.id, stp: step.id, usr: userId };
}
