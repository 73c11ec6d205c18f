// SPDX-License-Identifier: Apache-2.0
// trace-agent when it must wait: for a session that is not yet available, and for a slow server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { giveUpAfter, stays, until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { Asker, only, startAgent, startScriptedModel } from './agent_stage.mjs';
import { Proxy } from './emitter_proxy.mjs';

// A proxy between an agent and the instance. By the request's address it holds requests (`keeps`) or only their answers
// (`delays`) until they are let go, loses answers (`loses`), and refuses requests as if the token lacked a scope
// (`refuses`).
class Gate extends Proxy {
  oneIn = 0;
  kept = [];
  paths = [];

  async take(request, response) {
    this.paths.push(request.url);
    if (this.keeps?.test(request.url)) await this.untilLetGo();
    if (this.refuses?.test(request.url)) {
      const problem = { title: 'Forbidden', status: 403, detail: 'The token may not.', code: 'forbidden' };
      return response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    }
    if (!this.loses?.test(request.url)) return super.take(request, response);
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    await this.dropAfter(request, response, Buffer.concat(pieces));
  }

  untilLetGo() {
    return new Promise((resolve) => this.kept.push(resolve));
  }

  async forward(request, body) {
    const reply = await super.forward(request, body);
    if (this.delays?.test(request.url)) await this.untilLetGo();
    return reply;
  }

  count(text) {
    return this.paths.filter((path) => path.includes(text)).length;
  }

  letGo() {
    this.kept.splice(0).forEach((resolve) => resolve());
  }
}

let instance, ada, asker, model, gate, env, answer;
before(async () => {
  instance = await start();
  ada = await personOf(instance);
  asker = new Asker(ada, instance);
  model = await startScriptedModel((...all) => answer(...all));
  gate = new Gate(instance.url, 1);
  env = { TRACE_URL: await gate.start(), TRACE_AGENT_DRAIN: '0' };
});
after(async () => {
  model?.stop();
  gate?.stop();
  await instance?.stop();
});

// The agent runs until the test ends, whatever the result.
async function onDuty(t, more) {
  const agent = await startAgent(instance, model, { env: { ...env, ...more } });
  t.after(() => agent.stop());
  return agent;
}

const retry = async (session) => (await ada.post(`agent-sessions/${session.id}/retry`)).expect(201).body.session;

// A session that failed because the model said nothing.
async function failed(streamId) {
  answer = () => ({});
  const asked = await asker.ask(streamId, '@ariadne zeppelin?');
  assert.equal((await asker.ended(asked.id)).session.status, 'failed');
  return asked;
}

test('a session blocked by another one in its thread is claimed once, and again when that one ends', async (t) => {
  const agent = await onDuty(t);
  const first = await failed((await asker.channel()).id);
  const second = await failed(first.streamId);
  let letGo;
  const thought = new Promise((resolve) => (letGo = resolve));
  answer = async () => (await thought, { content: 'On Tuesdays.' });
  const runs = await retry(first);
  await agent.says(`session begun id=${runs.id}`);
  const waits = await retry(second);
  await agent.says(`session left alone id=${waits.id} result=refused code=session_running`);
  const isAskedOnce = () => gate.count(`${waits.id}/claim`) <= 2 && agent.output.split(waits.id).length === 2;
  await stays(isAskedOnce, 'the waiting session is left alone', 2000);
  letGo();
  await agent.says(`session begun id=${waits.id}`, 3000);
  assert.equal((await asker.ended(waits.id)).session.status, 'completed');
});

test('it is claimed again within 15 seconds if the other session is not of this agent', async (t) => {
  const agent = await onDuty(t);
  const asked = await failed((await asker.channel()).id);
  const robot = agentOf(instance);
  const other = (await robot.post('agent-sessions', { streamId: asked.streamId })).expect(201).body.session;
  answer = () => ({ content: 'On Tuesdays.' });
  const waits = await retry(asked);
  await agent.says(`session left alone id=${waits.id}`);
  (await robot.post(`agent-sessions/${other.id}/complete`)).expect(200);
  await agent.says(`session begun id=${waits.id}`, 16_000);
  await asker.ended(waits.id);
});

test('a session that the token may not claim is reported once, and does not hold up others', async (t) => {
  const refused = await asker.ask((await asker.channel()).id, '@ariadne zeppelin?');
  const next = await asker.ask((await asker.channel()).id, '@ariadne zeppelin?');
  gate.refuses = new RegExp(`${refused.id}/claim`);
  answer = () => ({ content: 'On Tuesdays.' });
  const agent = await onDuty(t, { TRACE_AGENT_SESSIONS: '1' });
  await asker.ended(next.id, 3000);
  const isSaidOnce = () => gate.count(`${refused.id}/claim`) <= 3 && agent.output.split(refused.id).length === 2;
  await stays(isSaidOnce, 'the refused session is left alone', 1000);
  const warned = new RegExp(`warning trace-agent\\[\\d+\\]: session left alone id=${refused.id}`);
  assert.equal(agent.output.split(warned).length, 2);
  gate.refuses = undefined;
  (await ada.post(`agent-sessions/${refused.id}/cancel`)).expect(200);
});

test('a session whose claim is answered late is worked on', async (t) => {
  const agent = await onDuty(t);
  answer = () => ({ content: 'On Tuesdays.' });
  gate.delays = /\/claim$/;
  const asked = await asker.ask((await asker.channel()).id, '@ariadne zeppelin?');
  await until(() => gate.kept.length === 1, 'the claim');
  // Longer than the agent's first wait for an answer to a claim.
  await stays(() => !agent.output.includes(asked.id), 'the agent waits for its claim', 3000);
  gate.delays = undefined;
  gate.letGo();
  await agent.says(`session begun id=${asked.id}`, 3000);
  assert.equal((await asker.ended(asked.id)).session.status, 'completed');
});

test('a claim whose answer is lost is repeated', async (t) => {
  const agent = await onDuty(t);
  answer = () => ({ content: 'On Tuesdays.' });
  gate.loses = /\/claim$/;
  const asked = await asker.ask((await asker.channel()).id, '@ariadne zeppelin?');
  const status = async () => (await asker.trace(asked.id)).session.status;
  await until(async () => (await status()) === 'running', 'the claim');
  // The claim is asked for again while its answers are lost.
  await until(() => gate.count(`${asked.id}/claim`) >= 2, 'a second claim', 16_000);
  gate.loses = undefined;
  await agent.says(`session begun id=${asked.id}`);
  assert.equal((await asker.ended(asked.id)).session.status, 'completed');
});

test('SIGTERM is heeded while the agent asks which sessions are pending', async (t) => {
  gate.keeps = /status=pending/;
  const agent = await onDuty(t);
  // What arrived during the first question needs a second one, which is the last for 15 s.
  await until(() => gate.kept.length === 1, 'the first question');
  gate.letGo();
  await until(() => gate.kept.length === 1, 'the second question');
  const ended = agent.stop();
  gate.keeps = undefined;
  const began = performance.now();
  gate.letGo();
  assert.equal((await ended).code, 0, agent.output);
  // It asks again after 15 s, and would end then at the latest.
  assert.ok(performance.now() - began < giveUpAfter(3000), agent.output);
});

test('an agent that is stopped while it reads the conversation says so', async (t) => {
  const agent = await onDuty(t);
  gate.keeps = /bootstrap/;
  const asked = await asker.ask((await asker.channel()).id, '@ariadne zeppelin?');
  await until(() => gate.kept.length === 1, 'the question');
  assert.equal((await agent.stop()).code, 0, agent.output);
  gate.keeps = undefined;
  gate.letGo();
  const trace = await asker.ended(asked.id);
  assert.equal(trace.session.status, 'failed');
  assert.equal(trace.session.error.code, 'agent_stopped');
  assert.equal(only(trace, 'context_received')[0].error.code, 'stopped');
});
