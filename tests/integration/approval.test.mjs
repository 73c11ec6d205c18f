// SPDX-License-Identifier: Apache-2.0
// Asking a person: who may decide, that the first decision counts, who hears of it, and what ends a question.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { openEvents } from '../lib/sse.mjs';
import { World, newId } from './session_world.mjs';

let world, ids, agent;
before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());
// One running session for each stream and persona.
afterEach(() =>
  world.sql(`UPDATE agent_sessions SET status = 'completed', completed_at = now() WHERE status = 'running'`),
);

const content = {
  question: 'Delete the old bookings?',
  options: [
    { id: 'keep', label: 'Keep them' },
    { id: 'delete', label: 'Delete', danger: true },
  ],
};
const at = (session, step) => `agent-sessions/${session}/steps/${step}`;
const decide = (client, { session, step }, body) => client.post(`${at(session, step)}/decision`, body);

async function asked(more = {}, session) {
  const ses = session ?? (await world.session({ streamId: ids.open }));
  const body = { stepType: 'approval', content: { ...content, ...more } };
  const { step } = (await agent.post(`agent-sessions/${ses}/steps`, body)).expect(201).body;
  return { session: ses, step: step.id, end: () => agent.post(`agent-sessions/${ses}/complete`, {}) };
}
const stepOf = async ({ session, step }) => (await agent.get(at(session, step))).expect(200).body.step;
const sessionOf = async ({ session }) =>
  (await agent.get(`agent-sessions/${session}?limit=1`)).expect(200).body.session;

test('the first decision ends the step, with who decided what', async () => {
  const question = await asked();
  const { approval, openSteps } = await sessionOf(question);
  assert.deepEqual(
    [approval.stepId, approval.question, approval.options, openSteps],
    [question.step, content.question, content.options, 1],
  );
  const left = Date.parse(approval.expiresAt) - Date.parse((await stepOf(question)).startedAt);
  assert.equal(left, 600_000);
  const { step } = (await decide(world.bob, question, { option: 'delete', note: 'Go "on"' })).expect(200).body;
  assert.equal(step.status, 'completed');
  const { decision, ...rest } = step.content;
  assert.deepEqual(rest, content);
  assert.deepEqual(
    [decision.option, decision.note, decision.decidedBy],
    ['delete', 'Go "on"', { type: 'user', id: ids.bob, name: 'Bob' }],
  );
  assert.ok(Date.parse(decision.at) > 0);
  assert.deepEqual(await stepOf(question), step);
  const now = await sessionOf(question);
  assert.deepEqual([now.approval, now.openSteps, now.lastSeq], [undefined, 0, step.seq]);
  assert.deepEqual((await decide(world.bob, question, { option: 'delete' })).expect(200).body.step, step);
  assert.equal((await decide(world.bob, question, { option: 'keep' })).expect(409).code, 'decided');
  assert.equal((await decide(world.ada, question, { option: 'delete' })).expect(409).code, 'decided');
  assert.deepEqual(await world.numbers(question.session), { last: now.lastSeq, taken: [1, 2, 3] });
  (await question.end()).expect(200);
});

test('of many at once one decides', async () => {
  const question = await asked();
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      decide(i % 2 ? world.ada : world.bob, question, { option: i % 4 < 2 ? 'keep' : 'delete' }),
    ),
  );
  const { decision } = (await stepOf(question)).content;
  for (const [i, reply] of replies.entries()) {
    const isSame =
      decision.decidedBy.id === (i % 2 ? ids.ada : ids.bob) && decision.option === (i % 4 < 2 ? 'keep' : 'delete');
    assert.equal(reply.status, isSame ? 200 : 409);
  }
  assert.deepEqual((await world.numbers(question.session)).taken, [1, 2, 3]);
  (await question.end()).expect(200);
});

test('it is told live: in the trace, in the conversation, and to the persona', async () => {
  const session = await world.session({ streamId: ids.open });
  const people = await openEvents(world.bob, [`session:${session}`, `stream:${ids.open}`]);
  const persona = await openEvents(agent, [`persona:${ids.ariadne}`]);
  try {
    const question = await asked({}, session);
    const card = await people.wait(({ type, data }) => type === 'agent_session:progress' && data.session.approval);
    assert.equal(card.data.session.approval.stepId, question.step);
    await decide(world.ada, question, { option: 'keep' });
    const ended = await people.wait(({ type }) => type === 'agent_session:step:completed');
    assert.equal(ended.data.step.content.decision.decidedBy.name, 'Ada');
    await people.wait(({ type, data }) => type === 'agent_session:progress' && !data.session.approval);
    const heard = await persona.wait(({ type }) => type === 'agent_session:step:completed');
    assert.deepEqual([heard.data.sessionId, heard.data.step.id], [session, question.step]);
    assert.equal(heard.data.step.content.decision.option, 'keep');
    (await question.end()).expect(200);
  } finally {
    people.close();
    persona.close();
  }
});

test('whoever may post in the stream decides, without a stream administrators, and never a token', async () => {
  const question = await asked();
  assert.equal((await decide(agent, question, { option: 'keep' })).expect(401).code, 'unauthenticated');
  (await decide(world.eve, question, { option: 'keep' })).expect(404);
  (await question.end()).expect(200);
  const alone = await asked({}, await world.session());
  (await decide(world.bob, alone, { option: 'keep' })).expect(404);
  (await decide(world.ada, alone, { option: 'keep' })).expect(200);
});

test('what is over cannot be decided: withdrawn, expired, or its session ended', async () => {
  const withdrawn = await asked();
  (await agent.post(`${at(withdrawn.session, withdrawn.step)}/complete`, {})).expect(200);
  assert.equal((await decide(world.bob, withdrawn, { option: 'keep' })).expect(409).code, 'approval_closed');
  const expired = await asked({ expiresAt: new Date(Date.now() - 1000).toISOString() }, withdrawn.session);
  assert.equal((await decide(world.bob, expired, { option: 'keep' })).expect(409).code, 'approval_closed');
  assert.equal((await sessionOf(expired)).approval, undefined);
  const far = await asked({ expiresAt: '2999-01-01T00:00:00Z' }, withdrawn.session);
  const left = Date.parse((await sessionOf(far)).approval.expiresAt) - Date.parse((await stepOf(far)).startedAt);
  assert.equal(left, 86_400_000, 'a day at most');
  (await far.end()).expect(200);
  assert.equal((await decide(world.bob, far, { option: 'keep' })).expect(409).code, 'approval_closed');
});

test('bad input is refused, and no agent writes a decision', async () => {
  const question = await asked();
  assert.equal((await decide(world.bob, question, { option: 'burn' })).expect(400).body.field, 'option');
  assert.equal((await decide(world.bob, question, {})).expect(400).body.field, 'option');
  assert.equal(
    (await decide(world.bob, question, { option: 'keep', note: 'x'.repeat(4001) })).expect(400).body.field,
    'note',
  );
  const forged = { content: { ...content, decision: { option: 'delete' } } };
  (await agent.post(`${at(question.session, question.step)}/complete`, forged)).expect(400);
  (await agent.put(at(question.session, question.step), forged)).expect(400);
  const whole = { stepType: 'approval', completed: true, ...forged };
  (await agent.post(`agent-sessions/${question.session}/steps`, whole)).expect(400);
  (await agent.post(`agent-sessions/${question.session}/steps`, { stepType: 'approval', ...forged })).expect(400);
  (await agent.post(`agent-sessions/${question.session}/batch`, JSON.stringify({ op: 'record', ...whole }))).expect(
    400,
  );
  const plain = (
    await agent.post(`agent-sessions/${question.session}/steps`, { stepType: 'approval', content: 'ok?' })
  ).expect(201);
  (await decide(world.bob, { ...question, step: plain.body.step.id }, { option: 'approve' })).expect(409);
  const other = (await agent.post(`agent-sessions/${question.session}/steps`, { stepType: 'thinking' })).expect(201);
  (await decide(world.bob, { ...question, step: other.body.step.id }, { option: 'approve' })).expect(404);
  (await decide(world.bob, { ...question, step: newId('stp') }, { option: 'keep' })).expect(404);
  (await question.end()).expect(200);
});

test('no agent writes a decision, or what else its type cannot have, under another type and then changes that', async () => {
  const session = await world.session();
  const decision = {
    option: 'approve',
    decidedBy: { type: 'user', id: ids.bob, name: 'Bob' },
    at: '2026-01-01T00:00:00Z',
  };
  const cases = [
    ['approval', { question: 'Pay?', decision }],
    ['approval', { question: 'Pay?', decision: null }],
    ['visit_page', { url: 'javascript:alert(1)' }],
    ['visit_page', { url: 'https://' }],
    ['visit_page', { url: 'https://a.example/<b>' }],
    ['web_search', { resultCount: -1 }],
    ['workspace_search', { resultCount: 1.5 }],
    ['web_search', { resultCount: 'many' }],
    ['web_search', { resultCount: 1e300 }],
  ];
  const lines = (...of) => of.map((line) => JSON.stringify(line)).join('\n');
  const batch = (...of) => agent.post(`agent-sessions/${session}/batch`, lines(...of));
  const ways = {
    put: (id, stepType) => agent.put(at(session, id), { stepType, completed: true }),
    'put open': (id, stepType) => agent.put(at(session, id), { stepType }),
    whole: (id, stepType) => agent.post(`agent-sessions/${session}/steps`, { id, stepType, completed: true }),
    'batch of put': (id, stepType) => batch({ op: 'put', id, stepType, completed: true }),
    'batch of whole': (id, stepType) => batch({ op: 'record', id, stepType }),
  };
  for (const [stepType, wrong] of cases)
    for (const [way, change] of Object.entries(ways))
      for (const first of [
        { stepType: 'thinking', content: wrong },
        ...(way === 'put' ? [{ stepType: 'span', content: wrong, completed: true }] : []),
      ]) {
        const id = newId('stp');
        const { step } = (await agent.put(at(session, id), first)).expect(201).body;
        const reply = await change(id, stepType);
        assert.deepEqual([reply.status, reply.body.field], [400, 'content'], `${way} ${stepType}`);
        assert.deepEqual(await stepOf({ session, step: id }), step);
      }
  const id = newId('stp');
  const right = { url: 'https://a.example/b', resultCount: 3, decision: 'the agent thought so' };
  (await agent.put(at(session, id), { stepType: 'thinking', content: right })).expect(201);
  for (const stepType of ['visit_page', 'web_search', 'workspace_search'])
    (await agent.put(at(session, id), { stepType })).expect(200);
  (await agent.put(at(session, id), { stepType: 'approval', content: { question: 'Pay?' } })).expect(200);
  assert.deepEqual((await stepOf({ session, step: id })).content, { question: 'Pay?' });
  // In one list, too.
  const twice = newId('stp');
  const forged = { op: 'put', id: twice, stepType: 'thinking', content: { question: 'Pay?', decision } };
  const reply = (await batch(forged, { op: 'put', id: twice, stepType: 'approval', completed: true })).expect(400);
  assert.equal(reply.body.line, 2);
  (await agent.get(at(session, twice))).expect(404);
  (await agent.post(`agent-sessions/${session}/complete`, {})).expect(200);
});

test('a card shows a question as long as it can be decided, whatever else starts', async () => {
  const session = await world.session({ streamId: ids.open });
  const people = await openEvents(world.bob, [`stream:${ids.open}`]);
  try {
    const question = await asked({ question: 'First?' }, session);
    const { step: other } = (await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking' })).expect(
      201,
    ).body;
    const shown = (await sessionOf(question)).approval;
    assert.deepEqual([shown.stepId, shown.question], [question.step, 'First?']);
    const card = await people.wait(
      ({ type, data }) => type === 'agent_session:progress' && data.session.openSteps === 2,
    );
    assert.deepEqual(card.data.session.approval, shown);
    // A newer one whose time is over does not hide it.
    const late = await asked({ expiresAt: new Date(Date.now() - 1000).toISOString() }, session);
    assert.deepEqual((await sessionOf(late)).approval, shown);
    (await agent.post(`${at(session, other.id)}/complete`, {})).expect(200);
    (await decide(world.bob, question, { option: 'keep' })).expect(200);
    assert.equal((await sessionOf(question)).approval, undefined);
    (await question.end()).expect(200);
  } finally {
    people.close();
  }
});

test('a question is asked whatever numbers its content has', async () => {
  const session = await world.session({ streamId: ids.open });
  const odd =
    '"x":1e-20000,"options":[{"id":"keep","label":"Keep","weight":1e-20000},{"id":7,"label":"Seven","danger":true},"none"]';
  const body = `{"stepType":"approval","content":{"question":"Which?",${odd}}}`;
  const { step } = (await agent.post(`agent-sessions/${session}/steps`, body)).expect(201).body;
  const question = { session, step: step.id };
  assert.deepEqual((await sessionOf(question)).approval.options, [
    { id: 'keep', label: 'Keep' },
    { id: 7, label: 'Seven', danger: true },
  ]);
  (await decide(world.bob, question, { option: '7' })).expect(200);
  assert.equal((await decide(world.ada, question, { option: 'keep' })).expect(409).code, 'decided');
  (await agent.post(`agent-sessions/${session}/complete`, {})).expect(200);
});

test('an export of it can be imported, with the decision as hearsay', async () => {
  const question = await asked();
  (await decide(world.bob, question, { option: 'keep' })).expect(200);
  const { text } = (await agent.get(`agent-sessions/${question.session}/export?format=ndjson`)).expect(200);
  (await question.end()).expect(200);
  const copy = await world.session();
  const { results } = (await agent.post(`agent-sessions/${copy}/batch`, text)).expect(200).body;
  assert.equal(results[0].step.content.decidedElsewhere.option, 'keep');
  assert.equal(results[0].step.content.decision, undefined);
});
