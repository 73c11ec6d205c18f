// SPDX-License-Identifier: Apache-2.0
// A session with everything that a viewer has to show: branches three deep, parallel ones, failures, an idle gap, output
// with colours, a diff, code, a picture, numbers that no double holds.
import { Recorder } from './recorder.mjs';

export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const exactArguments = '{"id":9007199254740993,"account":1234567890123456789}';

export async function recordFamily(instance, fields = {}) {
  const run = await Recorder.start(instance, { title: 'Repair the booking of crane 2', ...fields });
  const asked = {
    messageId: 'm1',
    authorName: 'Ada',
    authorType: 'user',
    createdAt: new Date().toISOString(),
    text: 'Why was crane **2** booked twice?',
    trigger: true,
  };
  const ids = {};
  const whole = async (name, type, content, more) => (ids[name] = (await run.whole(type, content, more)).id);
  await whole('context', 'context_received', { messages: [asked], workspace: 'harbour' });
  const agent = await run.step('agent', { name: 'researcher', task: 'find the cause' });
  ids.agent = agent.id;
  await whole('plan', 'thinking', 'First the **bookings**, then the index.', {
    parentStepId: agent.id,
    usage: { model: 'tiny-1', inputTokens: 1200, outputTokens: 90, costUsd: 0.0042 },
  });
  const inner = await run.step('tool_call', { tool: 'delegate', args: { to: 'auditor' } }, { parentStepId: agent.id });
  ids.inner = inner.id;
  await whole(
    'read',
    'tool_call',
    {
      tool: 'read',
      args: { file_path: 'booking.py' },
      result: 'def book(crane):\n    return slots[crane]  # no lock\n',
    },
    { parentStepId: inner.id },
  );
  await whole(
    'broken',
    'tool_call',
    { tool: 'query', args: { command: 'psql -c "SELECT 1"' } },
    { parentStepId: inner.id, error: { code: 'timeout', message: 'The database did not answer.\nTried 3 times.' } },
  );
  await run.complete(inner, { content: { tool: 'delegate', args: { to: 'auditor' }, result: 'half done' } });
  await whole(
    'output',
    'tool_call',
    {
      tool: 'bash',
      args: { command: 'make test' },
      result: `\u001b[1;31mFAILED\u001b[0m booking\u0007 \u202etxt.exe\n${Array.from({ length: 300 }, (_, i) => `line ${i + 2}`).join('\n')}\n`,
      exit_code: 2,
    },
    { parentStepId: agent.id },
  );
  await run.complete(agent, { content: { name: 'researcher', result: 'the index is missing' } });
  ids.exact = (
    await run.client.post(
      `agent-sessions/${run.id}/steps`,
      `{"stepType":"tool_call","completed":true,"content":{"tool":"bill","args":${exactArguments},"result":{"text":"a\\nb","list":[1,2,3]}}}`,
      { 'content-type': 'application/json' },
    )
  ).expect(201).body.step.id;
  await whole('edit', 'tool_call', {
    tool: 'edit',
    args: { file_path: 'booking.py', old_string: 'a = 1\nb = 2\nc = 3', new_string: 'a = 1\nb = 20\nc = 3' },
    result: 'ok',
  });
  await whole('picture', 'tool_call', {
    tool: 'screenshot',
    args: {},
    result: [
      { type: 'text', text: 'The page' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
    ],
  });
  await whole('answer', 'message_sent', { text: 'The unique index was **missing**.' });
  return { run, ids };
}
