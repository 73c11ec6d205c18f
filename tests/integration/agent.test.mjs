// SPDX-License-Identifier: Apache-2.0
// trace-agent end to end: a person asks in the conversation, the demo model works, and the trace and the answer appear.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { reportIfSlow, stays, until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { Asker, only, startAgent, startModel, types } from './agent_stage.mjs';

let instance, ada, asker, model, agent, general;
before(async () => {
  instance = await start();
  ada = await personOf(instance);
  asker = new Asker(ada, instance);
  general = instance.env.TRACE_STREAM;
  model = await startModel(instance);
  agent = await startAgent(instance, model);
  await asker.say(general, 'We decided to deploy the zeppelin pipeline on Tuesdays, after lunch.');
  await asker.say(general, 'The zeppelin has a budget of 40 euros.');
});
after(async () => {
  await agent?.stop();
  await model?.stop();
  await instance?.stop();
});

test('a mention is answered in its thread, with its trace and its sources', async () => {
  const trace = await asker.run('@ariadne when do we deploy the zeppelin pipeline?');
  assert.equal(trace.session.status, 'completed', JSON.stringify(trace.session.error));
  assert.deepEqual(types(trace), ['context_received', 'thinking', 'workspace_search', 'thinking', 'message_sent']);
  for (const step of trace.steps) assert.equal(step.status, 'completed', JSON.stringify(step));

  const [context, thinking, search, , sent] = trace.steps;
  const trigger = context.content.messages.find((message) => message.trigger);
  assert.equal(trigger.messageId, trace.asked.messageId);
  assert.match(thinking.content, /I search for messages/);
  assert.equal(thinking.usage.model, 'demo');
  assert.ok(thinking.usage.outputTokens > 10);
  assert.deepEqual(search.content, { query: 'deploy zeppelin pipeline', resultCount: 1 });
  assert.equal(search.sources[0].type, 'message');
  assert.match(search.sources[0].snippet, /zeppelin/);

  const [answer] = (await asker.messages(trace.asked.streamId)).filter((message) => message.author.type === 'persona');
  assert.equal(answer.sessionId, trace.session.id);
  assert.equal(answer.id, sent.messageId);
  assert.match(answer.content, /> We decided to deploy the zeppelin pipeline on Tuesdays/);
  assert.ok(
    answer.content.includes(`/w/${instance.env.TRACE_WORKSPACE}/s/${general}?m=${search.sources[0].messageId}`),
  );
  assert.deepEqual(answer.sources, sent.sources);
  assert.deepEqual(sent.content, { text: answer.content });
  assert.equal(trace.session.messageCount, 1);
});

test('the agent admits that it found nothing, after trying other words', async () => {
  const trace = await asker.run('@ariadne what do walruses think of pianos?');
  assert.equal(trace.session.status, 'completed');
  assert.equal(only(trace, 'workspace_search').length, 3);
  assert.match(only(trace, 'message_sent')[0].content.text, /I found nothing/);
  assert.equal(only(trace, 'message_sent')[0].sources, undefined);
});

test('a message in a scratchpad needs no mention', async () => {
  const body = { type: 'scratchpad', name: 'mine', personaId: instance.env.TRACE_PERSONA };
  const stream = (await ada.post('streams', body)).expect(201).body.stream;
  const session = await asker.ask(stream.id, 'what is the budget of the zeppelin?');
  assert.equal(session.streamId, stream.id);
  const trace = await asker.ended(session.id);
  assert.equal(trace.session.status, 'completed');
  assert.match(only(trace, 'message_sent')[0].content.text, /40 euros/);
});

test('the first step and the first token are seen; how soon is printed', async () => {
  const human = await startModel(instance, { pace: 30 });
  await agent.stop();
  agent = await startAgent(instance, human);
  const times = [];
  for (let i = 0; i < 3; i++) {
    const body = { type: 'scratchpad', name: `soon ${i}`, personaId: instance.env.TRACE_PERSONA };
    const stream = (await ada.post('streams', body)).expect(201).body.stream;
    const page = await openEvents(ada, [`stream:${stream.id}`]);
    await page.wait('ready');
    const began = performance.now();
    await asker.say(stream.id, 'what about the zeppelin?');
    const { data } = await page.wait('agent_session:requested');
    const modal = await openEvents(ada, [`session:${data.session.id}`], { lastEventId: '0' });
    const step = (await modal.wait('agent_session:step:started')).at - began;
    times.push([step, (await modal.wait('agent_session:step:progress')).at - began]);
    modal.close();
    page.close();
    await asker.ended(data.session.id);
  }
  await agent.stop();
  await human.stop();
  agent = await startAgent(instance, model);
  const best = (at) => times.map((time) => time[at]).sort((a, b) => a - b)[1];
  console.log(`# first step after ${best(0).toFixed(0)} ms, first token after ${best(1).toFixed(0)} ms (medians of 3)`);
  reportIfSlow('the first step of an agent', best(0), 300);
  reportIfSlow('the first token of an agent', best(1), 500);
});

test('a request that is posted while no agent runs is found later', async () => {
  await agent.stop();
  const stream = await asker.channel();
  const session = await asker.ask(stream.id, '@ariadne the zeppelin?');
  assert.equal((await asker.trace(session.id)).session.status, 'pending');
  agent = await startAgent(instance, model);
  assert.equal((await asker.ended(session.id)).session.status, 'completed');
});

test('two agents share the work and never a session', async () => {
  const second = await startAgent(instance, model);
  const asked = [];
  for (let i = 0; i < 12; i++) asked.push(await asker.ask((await asker.channel()).id, `@ariadne zeppelin ${i}?`));
  for (const { id, streamId } of asked) {
    const { session, steps } = await asker.ended(id);
    assert.equal(session.status, 'completed');
    assert.equal(steps.filter((step) => step.stepType === 'context_received').length, 1);
    assert.equal((await asker.messages(streamId)).filter((message) => message.author.type === 'persona').length, 1);
  }
  const [{ n }] = await instance.psql(
    `SELECT count(*) AS n FROM agent_sessions WHERE id IN (${asked.map(({ id }) => `'${id}'`)})`,
  );
  assert.equal(Number(n), 12);
  await second.stop();
});

test('kill -9 keeps what was acknowledged; the next agent ends the session at once and takes the next one', async () => {
  const slow = await asker.ask((await asker.channel()).id, '@ariadne zeppelin [fault:slow]?');
  await until(async () => (await asker.trace(slow.id)).steps.length >= 2, 'two steps');
  await agent.kill();
  const waiting = await asker.ask((await asker.channel()).id, '@ariadne zeppelin after the crash?');
  const began = performance.now();
  agent = await startAgent(instance, model);
  const { session, steps } = await asker.ended(slow.id, 2000);
  await until(async () => (await asker.trace(waiting.id)).session.status !== 'pending', 'the next session', 2000);
  console.log(`# ended what was left and took up what waited after ${(performance.now() - began).toFixed(0)} ms`);
  assert.equal(session.status, 'failed');
  assert.equal(session.error.code, 'agent_crashed');
  assert.equal(session.error.message, 'The agent crashed while it worked.');
  assert.deepEqual(
    steps.map((step) => step.status),
    ['completed', 'interrupted'],
  );
  assert.equal((await asker.ended(waiting.id)).session.status, 'completed');
});

test('a starting agent leaves alone the sessions of other agents, and those recorded by hand', async () => {
  const env = { TRACE_AGENT_SESSIONS: '1' };
  await agent.stop();
  const [first, second] = [await startAgent(instance, model, { env }), await startAgent(instance, model, { env })];
  const own = (await agentOf(instance).post('agent-sessions', { title: 'By hand' })).expect(201).body.session;
  const asked = [];
  for (let i = 0; i < 2; i++)
    asked.push(await asker.ask((await asker.channel()).id, '@ariadne zeppelin [fault:slow]?'));
  for (const { id } of asked) await until(async () => (await asker.trace(id)).steps.length >= 2, 'two steps');
  await first.kill();
  agent = await startAgent(instance, model);
  const statuses = async () =>
    (await Promise.all(asked.map(({ id }) => asker.trace(id)))).map(({ session }) => session.status).sort();
  await until(async () => (await statuses())[0] === 'failed', 'the end of what was left', 2000);
  // The new agent has read all that is running: whatever else it ended would follow at once.
  const isOneLeft = async () => (await statuses()).join() === 'failed,running';
  await stays(isOneLeft, 'the other agent works on', 500);
  assert.equal((await asker.trace(own.id)).session.status, 'running');
  await second.stop();
});

test('once the server is back it is asked within a second, before its events are back', async () => {
  instance.kill('trace-pusher', 'SIGSTOP');
  try {
    await agent.kill();
    const waiting = await asker.ask((await asker.channel()).id, '@ariadne zeppelin without events?');
    agent = await startAgent(instance, model, { awaits: 'session begun' });
    assert.equal((await asker.ended(waiting.id)).session.status, 'completed');
    const next = await asker.ask((await asker.channel()).id, '@ariadne zeppelin once more?');
    await until(async () => (await asker.trace(next.id)).session.status !== 'pending', 'the next session', 2000);
    await asker.ended(next.id);
  } finally {
    instance.kill('trace-pusher', 'SIGCONT');
  }
  await agent.says('on duty', 30_000);
});

test('SIGTERM lets quick sessions finish, and fails the rest', async () => {
  const quick = await asker.ask((await asker.channel()).id, '@ariadne zeppelin?');
  const slow = await asker.ask((await asker.channel()).id, '@ariadne zeppelin [fault:slow]?');
  await until(async () => (await asker.trace(slow.id)).steps.length >= 2, 'two steps');
  const { code } = await agent.stop();
  assert.equal(code, 0, agent.output);
  assert.equal((await asker.trace(quick.id)).session.status, 'completed');
  const { session, steps } = await asker.trace(slow.id);
  assert.equal(session.status, 'failed');
  assert.equal(session.error.code, 'agent_stopped');
  assert.ok(steps.every((step) => step.status !== 'running'));
  agent = await startAgent(instance, model);
});
