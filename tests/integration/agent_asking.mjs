// SPDX-License-Identifier: Apache-2.0
// One question to an agent whose model server answers as a test says: what came of it in the trace and on the page, and
// what must hold whatever was answered: no key is shown or logged, and nothing that people said is logged.
import assert from 'node:assert/strict';
import { says, startReplay } from './agent_replay.mjs';
import { only, startAgent } from './agent_stage.mjs';

export const KEY = 'k3y-of-the-model-server';
export const SECRET = 'the wombat sleeps in drawer nineteen';
export const good = says('All is well GOOD-ANSWER');

// Asks once; what came of it, with the answer and what the server was asked.
export async function askOnce(
  { instance, asker },
  answer,
  { env = {}, question = `@ariadne what about pgbouncer? ${SECRET}`, ms } = {},
) {
  const replay = await startReplay(answer);
  const agent = await startAgent(
    instance,
    { url: replay.url },
    { env: { TRACE_MODEL: 'quirk-model', TRACE_MODEL_KEY: KEY, TRACE_MODEL_TRIES: '2', ...env } },
  );
  try {
    const trace = await asker.run(question, ms);
    const messages = await asker.messages(trace.asked.streamId);
    const said = messages.find((message) => message.author.type === 'persona');
    assert.ok(!JSON.stringify([trace, messages]).includes(KEY), 'the key is shown');
    assert.ok(trace.steps.every((step) => step.status !== 'running'));
    return { ...trace, replay, answer: said, thinking: only(trace, 'thinking') };
  } finally {
    assert.equal((await agent.stop()).code, 0, agent.output);
    replay.stop();
    assert.ok(!agent.output.includes(KEY), agent.output);
    assert.ok(!agent.output.includes(SECRET), agent.output);
  }
}

export const text = (ran) => only(ran, 'message_sent')[0]?.content.text;
export const queries = (ran) => only(ran, 'workspace_search').map((step) => step.content.query);
export const inTurn =
  (...answers) =>
  (_, n) =>
    answers[Math.min(n, answers.length) - 1];

export function answered(ran, expected) {
  assert.equal(ran.session.status, 'completed', JSON.stringify(ran.session.error));
  assert.equal(text(ran), expected);
  assert.equal(ran.answer.content, expected);
  assert.equal(only(ran, 'message_sent')[0].status, 'completed');
}

export function failed(ran, ...parts) {
  assert.equal(ran.session.status, 'failed', text(ran));
  assert.equal(ran.answer, undefined);
  assert.equal(ran.thinking.at(-1).status, 'failed');
  for (const part of parts) assert.ok(ran.session.error.message.includes(part), ran.session.error.message);
}
