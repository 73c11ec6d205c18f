// SPDX-License-Identifier: Apache-2.0
// Tools that published MCP servers lend to the agent: server-everything and server-filesystem, from npm, as programs and
// at an address.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import { Asker, only } from './agent_stage.mjs';
import { everything, filesOf, folder, program, startBorrower, startCaller, startEverything } from './agent_lenders.mjs';

const SECRET = 's3cret-of-the-tool-server';
const script = { calls: [] };
let instance, asker, model, remote, agent, shelf;
before(async () => {
  instance = await start();
  asker = new Asker(await personOf(instance), instance);
  [model, remote] = [await startCaller(script), await startEverything()];
  shelf = join(folder(), 'shelf');
  mkdirSync(shelf);
  chmodSync(shelf, 0o777);
  writeFileSync(join(shelf, 'note.txt'), 'The zeppelin leaves on Tuesdays.');
  const servers = {
    all: program(everything, [], { env: { LENT_TOKEN: SECRET, MOOD: 'cheerful' } }),
    far: { url: remote.url, headers: { Authorization: `Bearer ${SECRET}` }, ask: ['get-env'] },
    brief: { url: remote.url, ask: true, askTimeout: 3 },
    files: filesOf(shelf, { tools: ['read_text_file', 'list_directory'], ask: ['list_directory'] }),
  };
  agent = await startBorrower(instance, model, servers, { knows: 4 });
});
after(async () => {
  await agent?.stop();
  model?.stop();
  await remote?.kill();
  await instance?.stop();
});

async function calling(...calls) {
  script.calls = calls;
  const trace = await asker.run('@ariadne please');
  return { ...trace, used: only(trace, 'tool_call') };
}

function completed(ran) {
  assert.equal(ran.session.status, 'completed', JSON.stringify(ran.session.error));
  assert.deepEqual(
    ran.used.map((step) => step.status),
    ran.used.map(() => 'completed'),
    JSON.stringify(ran.used),
  );
  assert.ok(!JSON.stringify(ran).includes(SECRET), 'the key of a tool server is shown');
  assert.ok(!agent.output.includes(SECRET), agent.output);
}

test('the tools of all servers are offered, under names that cannot clash', async () => {
  await calling();
  const names = model.requests.at(-1).tools.map((tool) => tool.function.name);
  for (const name of ['workspace_search', 'all__echo', 'far__echo', 'files__read_text_file'])
    assert.ok(names.includes(name), `${name} in ${names}`);
  assert.ok(!names.includes('files__write_file'), 'a tool that is not allowed is offered');
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name)));
});

for (const name of [
  'functions.all__get-sum',
  'all__get-sum:0',
  'all__get-sum<|channel|>commentary',
  'all__get_sum',
  'all.get-sum',
  'default_api:all/get_sum',
])
  test(`a borrowed tool is known by what a model makes of its name: ${name}`, async () => {
    const ran = await calling([name, { a: 19, b: 23 }]);
    completed(ran);
    assert.equal(ran.used[0].content.tool, 'get-sum');
    assert.equal(ran.used[0].content.result, 'The sum of 19 and 23 is 42.');
    const sent = model.requests.at(-1).messages.find((message) => message.tool_calls);
    assert.equal(sent.tool_calls[0].function.name, 'all__get-sum');
  });

for (const server of ['all', 'far']) {
  test(`a call is a step with its arguments and its result: ${server}`, async () => {
    const ran = await calling([`${server}__get-sum`, { a: 19, b: 23 }]);
    completed(ran);
    assert.deepEqual(ran.used[0].content, {
      server,
      tool: 'get-sum',
      args: { a: 19, b: 23 },
      result: 'The sum of 19 and 23 is 42.',
    });
    assert.match(only(ran, 'message_sent')[0].content.text, /is 42/);
  });

  test(`pictures are shown to people, and named to the model: ${server}`, async () => {
    const ran = await calling([`${server}__get-tiny-image`, {}]);
    completed(ran);
    const [before, picture, behind] = ran.used[0].content.result;
    assert.equal(before.text, "Here's the image you requested:");
    assert.equal(Buffer.from(picture.data, 'base64').subarray(1, 4).toString(), 'PNG');
    assert.equal(behind.type, 'text');
    assert.match(model.requests.at(-1).messages.at(-1).content, /A picture, image\/png, is shown/);
  });

  test(`structures are shown as such, and links named: ${server}`, async () => {
    const ran = await calling(
      [`${server}__get-structured-content`, { location: 'Chicago' }],
      [`${server}__get-resource-links`, { count: 2 }],
    );
    completed(ran);
    assert.deepEqual(ran.used[0].content.result, { temperature: 36, conditions: 'Light rain / drizzle', humidity: 82 });
    assert.match(JSON.stringify(ran.used[1].content.result), /Text Resource 2: demo:/);
  });

  test(`progress is shown while a tool works: ${server}`, async () => {
    script.calls = [[`${server}__trigger-long-running-operation`, { duration: 3, steps: 6 }]];
    const stream = await asker.channel();
    const asked = await asker.ask(stream.id, '@ariadne please');
    const seen = await until(
      async () => {
        const [step] = only(await asker.trace(asked.id), 'tool_call');
        return step?.status === 'running' && /operation: [1-6] of 6/.exec(JSON.stringify(step))?.[0];
      },
      'progress',
      30_000,
    );
    assert.match(seen, / of 6/);
    const ran = await asker.ended(asked.id);
    const [used] = only(ran, 'tool_call');
    assert.equal(used.status, 'completed');
    assert.match(used.content.result, /operation completed/);
  });

  test(`a person's stop ends a call at once: ${server}`, async () => {
    script.calls = [[`${server}__trigger-long-running-operation`, { duration: 120, steps: 4 }]];
    const stream = await asker.channel();
    const asked = await asker.ask(stream.id, '@ariadne please');
    await until(async () => only(await asker.trace(asked.id), 'tool_call').length, 'a call', 30_000);
    (await asker.person.post(`agent-sessions/${asked.id}/cancel`, {})).expect(200);
    const over = () => agent.output.includes(`session over id=${asked.id} error=stopped`);
    await until(over, 'the end', 15_000);
  });

  test(`what a tool refuses is a failed step, and the model goes on: ${server}`, async () => {
    const ran = await calling([`${server}__get-sum`, { a: 'x' }], [`${server}__echo`, { message: 'still here' }]);
    assert.equal(ran.session.status, 'completed');
    assert.equal(ran.used[0].status, 'failed');
    assert.equal(ran.used[0].error.code, 'tool_failed');
    assert.match(ran.used[0].error.message, /[Ii]nvalid/);
    assert.equal(ran.used[1].content.result, 'Echo: still here');
  });
}

test('a program has its own environment, and none of ours', async () => {
  const ran = await calling(['all__get-env', {}]);
  completed(ran);
  const told = model.requests.at(-1).messages.at(-1).content;
  assert.match(told, /cheerful/);
  for (const name of ['TRACE_TOKEN', 'TRACE_URL', 'TRACE_MODEL_URL', 'TRACE_MCP_SERVERS'])
    assert.ok(!told.includes(name), `${name} in ${told}`);
});

test('a file is read', async () => {
  const ran = await calling(['files__read_text_file', { path: join(shelf, 'note.txt') }]);
  completed(ran);
  assert.match(JSON.stringify(ran.used[0].content.result), /The zeppelin leaves on Tuesdays/);
});

// Asks for a call of the tool that a person must allow, and waits for its question.
async function questioned(call) {
  script.calls = [call];
  const stream = await asker.channel();
  const asked = await asker.ask(stream.id, '@ariadne please');
  const find = async () => {
    const { session, steps } = await asker.trace(asked.id);
    const step = steps.find(({ stepType }) => stepType === 'approval');
    if (!step) assert.match(session.status, /pending|running/, 'the session ended without a question');
    // A question that nobody answers is over soon, and then the call is shown as refused.
    if (step?.status === 'running')
      assert.ok(!steps.some(({ stepType }) => stepType === 'tool_call'), 'the tool is called without a yes');
    return step && { session, step };
  };
  const { session, step } = await until(find, 'a question', 30_000);
  const decide = async (body) =>
    (await asker.person.post(`agent-sessions/${asked.id}/steps/${step.id}/decision`, body)).expect(200);
  return { asked, session, step, decide };
}
const lastTold = () => model.requests.at(-1).messages.at(-1).content;

test('a tool that a person must allow is asked for, and called once it is approved', async () => {
  const path = `${shelf}/\u202egnp.`;
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'found.txt'), '');
  const { asked, session, step, decide } = await questioned(['files__list_directory', { path }]);
  assert.equal(
    step.content.question,
    `May I call the tool "list_directory" of the server "files"? Its arguments: {"path": "${shelf}/\\u{202e}gnp."}`,
  );
  assert.deepEqual(step.content.args, { path });
  assert.equal(session.approval.stepId, step.id);
  await decide({ option: 'approve' });
  const ran = await asker.ended(asked.id);
  completed({ ...ran, used: only(ran, 'tool_call') });
  const [used] = only(ran, 'tool_call');
  assert.match(JSON.stringify(used.content.result), /found\.txt/);
  assert.equal(only(ran, 'approval')[0].status, 'completed');
  assert.match(lastTold(), /found\.txt/);
});

test('a question is cut, and says so', async () => {
  const { asked, step, decide } = await questioned(['files__list_directory', { path: `/${'x'.repeat(3000)}END` }]);
  assert.ok(step.content.question.length < 1200, step.content.question);
  assert.match(step.content.question, /… \(cut; the trace shows all of them\)$/);
  assert.match(step.content.args.path, /END$/);
  await decide({ option: 'reject' });
  await asker.ended(asked.id);
});

test('a tool that a person rejects is not called, and the model is told why', async () => {
  const { asked, decide } = await questioned(['far__get-env', {}]);
  await decide({ option: 'reject', note: 'Not on Sundays.' });
  const ran = await asker.ended(asked.id);
  assert.equal(ran.session.status, 'completed');
  const [used] = only(ran, 'tool_call');
  assert.equal(used.status, 'failed');
  assert.equal(used.error.code, 'rejected');
  assert.equal(used.content.result, undefined);
  assert.match(used.error.message, /did not allow.*They say: Not on Sundays\./);
  assert.match(lastTold(), /Error: A person did not allow.*Not on Sundays\./);
});

test('a tool that nobody decides about in time is not called', async () => {
  const { asked } = await questioned(['brief__get-env', {}]);
  const ran = await asker.ended(asked.id);
  assert.equal(ran.session.status, 'completed');
  assert.equal(only(ran, 'approval')[0].error.code, 'expired');
  assert.equal(only(ran, 'tool_call')[0].error.code, 'expired');
  assert.match(lastTold(), /nobody decided in time/);
});

test("a person's stop ends the wait for a decision at once", async () => {
  const { asked } = await questioned(['far__get-env', {}]);
  const requests = model.requests.length;
  (await asker.person.post(`agent-sessions/${asked.id}/cancel`, {})).expect(200);
  const over = () => agent.output.includes(`session over id=${asked.id} error=stopped`);
  await until(over, 'the end', 15_000);
  const ran = await asker.trace(asked.id);
  assert.equal(ran.session.status, 'cancelled');
  assert.equal(only(ran, 'tool_call').length, 0);
  assert.equal(model.requests.length, requests, 'the model was asked again');
});

test('an agent that is shut down withdraws its question', async () => {
  const { asked } = await questioned(['far__get-env', {}]);
  assert.equal((await agent.stop()).code, 0, agent.output);
  const ran = await asker.ended(asked.id);
  assert.equal(ran.session.error.code, 'agent_stopped');
  assert.equal(only(ran, 'approval')[0].error.code, 'withdrawn');
  assert.equal(only(ran, 'tool_call')[0].error.code, 'stopped');
});
