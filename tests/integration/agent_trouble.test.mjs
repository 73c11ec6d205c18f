// SPDX-License-Identifier: Apache-2.0
// trace-agent when things go wrong or change while it works: every model fault, every tool, stop, retry, new messages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { stays, until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import {
  Asker,
  isWatched,
  only,
  startAgent,
  startModel,
  startScriptedModel,
  startServer,
  types,
} from './agent_stage.mjs';

let instance, ada, asker, model, agent, world;
before(async () => {
  instance = await start();
  ada = await personOf(instance);
  asker = new Asker(ada, instance);
  model = await startModel(instance);
  world = await startServer(answerAsWorld);
  agent = await startAgent(instance, model, {
    env: { TRACE_VISIT_PRIVATE: '1', TRACE_SEARCH_URL: `${world.url}/search` },
  });
  await asker.say(instance.env.TRACE_STREAM, 'The zeppelin leaves on Tuesdays.');
});
after(async () => {
  await agent?.stop();
  await model?.stop();
  world?.stop();
  await instance?.stop();
});

// Pages, redirects and a search engine.
function answerAsWorld(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://world');
  const html = (text, status = 200) =>
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text);
  if (pathname === '/search') {
    const results = [1, 2].map((n) => ({
      title: `Result ${n}`,
      url: `https://r${n}.example/`,
      content: `About ${searchParams.get('q')}`,
    }));
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }));
  }
  if (pathname === '/hop') {
    const left = Number(searchParams.get('n'));
    return response.writeHead(302, { location: left > 1 ? `/hop?n=${left - 1}` : '/page' }).end();
  }
  if (pathname === '/large') return html('x'.repeat(3 << 20));
  if (pathname === '/titled') return html(`<title>${'ä'.repeat(600_000)}</title><p>Short.</p>`);
  if (pathname === '/gone') return html('no', 410);
  return html(
    '<title>Airships</title><h1>Airships</h1><script>no()</script><p>They fly. Key: sk-abcdefghijklmnopqrstuvwx</p>',
  );
}

const withAgent = async (theModel, env, work) => {
  await agent.stop();
  const other = await startAgent(instance, theModel, { env });
  try {
    await work();
  } finally {
    assert.equal((await other.stop()).code, 0, other.output);
    agent = await startAgent(instance, model, {
      env: { TRACE_VISIT_PRIVATE: '1', TRACE_SEARCH_URL: `${world.url}/search` },
    });
  }
};

for (const [fault, sentence] of [
  ['cut', 'cut off'],
  ['stall', 'went silent'],
  ['malformed', 'not JSON'],
  ['429', '429'],
  ['500', 'an error of its own'],
])
  test(`the agent recovers from a passing fault of the model: ${fault}`, async () => {
    const trace = await asker.run(`@ariadne zeppelin? [fault:${fault}:1]`);
    assert.equal(trace.session.status, 'completed', JSON.stringify(trace.session.error));
    // One step from the first try to the last: it ends well, and notes what went wrong.
    const [first, ...others] = only(trace, 'thinking');
    assert.equal(first.status, 'completed');
    assert.ok(first.content.includes(sentence), first.content);
    assert.ok(others.every((step) => step.status === 'completed'));
  });

for (const [fault, code, sentence] of [
  ['malformed', 'model_error', 'not JSON'],
  ['huge', 'model_error', 'endless line'],
  ['empty', 'model_error', 'without an answer'],
  ['tools', 'tool_limit', '20 rounds'],
])
  test(`a lasting fault of the model fails the session with a clear sentence: ${fault}`, async () => {
    const trace = await asker.run(`@ariadne zeppelin? [fault:${fault}]`);
    assert.equal(trace.session.status, 'failed');
    assert.equal(trace.session.error.code, code);
    assert.ok(trace.session.error.message.includes(sentence), trace.session.error.message);
    assert.ok(trace.steps.every((step) => step.status !== 'running' && step.status !== 'interrupted'));
    assert.equal(only(trace, 'message_sent').length, 0);
  });

for (const fault of ['bad-tool', 'bad-args'])
  test(`a wrong tool call is a failed step, and the model goes on: ${fault}`, async () => {
    const trace = await asker.run(`@ariadne zeppelin leaves? [fault:${fault}]`);
    assert.equal(trace.session.status, 'completed');
    const [error] = only(trace, 'tool_error');
    assert.match(error.content.message, /no such tool|called wrongly/);
    assert.ok(only(trace, 'message_sent').length === 1);
  });

test('what looks like a key is not recorded', async () => {
  const trace = await asker.run('@ariadne zeppelin? [fault:secret]');
  assert.match(only(trace, 'thinking')[0].content, /The key is sk-p\[masked\] they say/);
});

test('Stop ends the transfer in flight within a second', async () => {
  const hanging = await startScriptedModel(() => new Promise(() => {}));
  // A model that stalls is not given up for a minute, so it is the Stop that ends the transfer.
  await withAgent(hanging, { TRACE_MODEL_STALL: '60' }, async () => {
    const asked = await asker.ask((await asker.channel()).id, '@ariadne zeppelin?');
    await until(() => hanging.requests.length === 1, 'the call of the model');
    (await ada.post(`agent-sessions/${asked.id}/cancel`)).expect(200);
    await until(() => hanging.aborted === 1, 'the end of the transfer', 1000);
    const { session, steps } = await asker.ended(asked.id);
    assert.equal(session.status, 'cancelled');
    assert.equal(steps.at(-1).status, 'interrupted');
    await stays(() => hanging.requests.length === 1, 'the model is not asked again', 300);
  });
  hanging.stop();
});

test('a retry is a new session that names the old one', async () => {
  const first = await asker.run('@ariadne zeppelin? [fault:500:3]');
  assert.equal(first.session.status, 'failed');
  const second = (await ada.post(`agent-sessions/${first.session.id}/retry`)).expect(201).body.session;
  const trace = await asker.ended(second.id);
  assert.equal(trace.session.status, 'completed');
  assert.equal(trace.session.retryOf, first.session.id);
  assert.equal(trace.session.attempt, 2);
});

test('a page is read as text, after redirects, and becomes a source', async () => {
  const trace = await asker.run(`@ariadne read ${world.url}/hop?n=5`);
  assert.equal(trace.session.status, 'completed');
  const [visit] = only(trace, 'visit_page');
  assert.equal(visit.content.title, 'Airships');
  assert.deepEqual(
    visit.sources.map(({ type, url, domain }) => ({ type, url, domain })),
    [{ type: 'web', url: `${world.url}/page`, domain: '127.0.0.1' }],
  );
  assert.ok(!JSON.stringify(trace.steps).includes('abcdefghijklmnop'));
  assert.match(only(trace, 'message_sent')[0].content.text, /They fly/);
});

test('a page with a very long title still becomes a source', async () => {
  const trace = await asker.run(`@ariadne read ${world.url}/titled`);
  const [visit] = only(trace, 'visit_page');
  assert.equal(visit.status, 'completed');
  assert.equal(visit.content.title, 'ä'.repeat(300));
  assert.deepEqual(
    visit.sources.map((source) => source.title),
    ['ä'.repeat(300)],
  );
});

for (const [path, sentence] of [
  ['/hop?n=6', 'more than 5 times'],
  ['/large', 'larger than 2 MiB'],
  ['/gone', 'status 410'],
])
  test(`a page that cannot be read is a failed step: ${path}`, async () => {
    const trace = await asker.run(`@ariadne read ${world.url}${path}`);
    assert.equal(trace.session.status, 'completed');
    const [visit] = only(trace, 'visit_page');
    assert.equal(visit.status, 'failed');
    assert.ok(visit.error.message.includes(sentence), visit.error.message);
  });

test('an address is visited as given, or not at all', async () => {
  const long = (n) => `${world.url}/page?${'x'.repeat(n - world.url.length - 6)}`;
  const scripted = await startScriptedModel((messages, n) =>
    n > 2 ? say('Read.') : { call: ['visit_page', { url: long(4095 + n) }] },
  );
  await withAgent(scripted, { TRACE_VISIT_PRIVATE: '1' }, async () => {
    const trace = await asker.run(`@ariadne what does ${world.url} say?`);
    assert.deepEqual(
      only(trace, 'visit_page').map((step) => [step.content.url, step.sources[0].url]),
      [[long(4096), long(4096)]],
    );
    assert.match(only(trace, 'tool_error')[0].content.details, /too long/);
    assert.match(scripted.requests[2].messages.at(-1).content, /too long/);
  });
  scripted.stop();
});

test('the web is searched where a search engine is configured', async () => {
  const trace = await asker.run('@ariadne search the web for airships');
  const [search] = only(trace, 'web_search');
  assert.deepEqual(search.content, { query: 'airships', resultCount: 2 });
  assert.deepEqual(
    search.sources.map((source) => source.domain),
    ['r1.example', 'r2.example'],
  );
});

test('addresses that are not public are refused, and no search engine means no tool', async () => {
  const reached = [];
  const inside = await startServer((request, response) => (reached.push(request.url), response.end('inside')));
  await withAgent(model, {}, async () => {
    const port = new URL(inside.url).port;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0x7f.1']) {
      const trace = await asker.run(`@ariadne read http://${host}:${port}/`);
      assert.match(only(trace, 'visit_page')[0].error.message, /not a public one/, host);
    }
    // A connection to the server itself is open and kept; it is not used for a page.
    const own = await asker.run(`@ariadne read ${instance.url}/healthz`);
    assert.match(only(own, 'visit_page')[0].error.message, /not a public one/);
    assert.equal(only(await asker.run('@ariadne search the web for airships'), 'web_search').length, 0);
  });
  inside.stop();
  assert.deepEqual(reached, []);
});

test('a private stream is not searched on behalf of those who may not read it', async () => {
  const hidden = await asker.channel({ private: true });
  await asker.say(hidden.id, 'The quagga password ritual is at dawn.');
  const open = await asker.run('@ariadne when is the quagga ritual?');
  assert.ok(!JSON.stringify(open.steps).includes('dawn'));
  assert.match(only(open, 'message_sent')[0].content.text, /found nothing/);
});

// The model may be asked before the test knows the session.
function promised() {
  const asking = {};
  asking.session = new Promise((resolve) => (asking.tell = resolve));
  return asking;
}

const say = (content) => ({ reasoning: 'I think.', content });

test('a message that comes while tools run is read before the model goes on', async () => {
  const asking = promised();
  const scripted = await startScriptedModel(async (messages, n) => {
    if (n > 1) return say('Both.');
    await asker.say((await asking.session).streamId, 'And the return flight?');
    return { call: ['workspace_search', { query: 'zeppelin' }] };
  });
  await withAgent(scripted, {}, async () => {
    const asked = await asker.ask((await asker.channel()).id, '@ariadne the outward flight?');
    asking.tell(asked);
    const trace = await asker.ended(asked.id);
    assert.deepEqual(types(trace), [
      'context_received',
      'thinking',
      'workspace_search',
      'context_received',
      'thinking',
      'message_sent',
    ]);
    assert.equal(only(trace, 'context_received')[1].content.messages[0].change, 'new');
    assert.ok(JSON.stringify(scripted.requests[1].messages).includes('And the return flight?'));
    assert.equal((await sessionsOf(asked.streamId)).length, 1);
  });
  scripted.stop();
});

const sessionsOf = (stream) => instance.psql(`SELECT id, status FROM agent_sessions WHERE stream_id = '${stream}'`);

test('a draft that new messages overtake is reconsidered', async () => {
  const asking = promised();
  const scripted = await startScriptedModel(async (messages, n) => {
    if (n > 1) return say('At nine.');
    await asker.say((await asking.session).streamId, 'I mean in winter.');
    return say('At eight.');
  });
  await withAgent(scripted, {}, async () => {
    const asked = await asker.ask((await asker.channel()).id, '@ariadne when does it leave?');
    asking.tell(asked);
    const trace = await asker.ended(asked.id);
    assert.deepEqual(types(trace), [
      'context_received',
      'thinking',
      'context_received',
      'reconsidering',
      'thinking',
      'message_sent',
    ]);
    const [step] = only(trace, 'reconsidering');
    assert.equal(step.content.draft, 'At eight.');
    assert.equal(step.content.decision, 'rewritten');
    assert.equal(step.content.newMessages[0].text, 'I mean in winter.');
    assert.equal(trace.steps[4].parentStepId, step.id);
    assert.equal(only(trace, 'message_sent')[0].content.text, 'At nine.');
    const answers = (await asker.messages(asked.streamId)).filter((message) => message.author.type === 'persona');
    assert.deepEqual(
      answers.map((message) => message.content),
      ['At nine.'],
    );
    // Everything was seen, so there is no follow-up session.
    assert.equal((await sessionsOf(asked.streamId)).length, 1);
  });
  scripted.stop();
});

test('a message after the last look starts a session of its own', async () => {
  const asking = promised();
  const scripted = await startScriptedModel(async (messages, n) => {
    if (n <= 4) await asker.say((await asking.session).streamId, `and ${n}?`);
    return say(`Answer ${n}.`);
  });
  await withAgent(scripted, {}, async () => {
    const asked = await asker.ask((await asker.channel()).id, '@ariadne when?');
    asking.tell(asked);
    const trace = await asker.ended(asked.id);
    assert.equal(only(trace, 'reconsidering').length, 3);
    const all = await until(async () => {
      const found = await sessionsOf(asked.streamId);
      return found.length === 2 && found.every((session) => session.status === 'completed') ? found : undefined;
    }, 'a follow-up');
    const follow = await asker.trace(all.find((session) => session.id !== asked.id).id);
    assert.equal(only(follow, 'message_sent').length, 1);
  });
  scripted.stop();
});

test('a draft that is overtaken in the last round is sent', async () => {
  const asking = promised();
  const scripted = await startScriptedModel(async (messages, n) => {
    if (n < 20) return { call: ['workspace_search', { query: 'zeppelin' }] };
    if (n === 20) await asker.say((await asking.session).streamId, 'I mean in winter.');
    return say(`Answer ${n}.`);
  });
  await withAgent(scripted, {}, async () => {
    const asked = await asker.ask((await asker.channel()).id, '@ariadne when does it leave?');
    asking.tell(asked);
    const trace = await asker.ended(asked.id);
    assert.equal(trace.session.status, 'completed', JSON.stringify(trace.session.error));
    assert.equal(only(trace, 'message_sent')[0].content.text, 'Answer 20.');
    const follow = await until(
      async () => (await sessionsOf(asked.streamId)).find(({ id }) => id !== asked.id),
      'a follow-up',
    );
    assert.equal((await asker.ended(follow.id)).session.status, 'completed');
  });
  scripted.stop();
});

const valgrind = ['valgrind', '-q', '--error-exitcode=99', '--leak-check=full', '--trace-children=no'];

// If all programs run under a checker already, this one cannot be put under another.
test('a whole run under a memory checker is without complaint', async () => {
  const slow = { env: { TRACE_MODEL_STALL: '30' }, wrap: isWatched(instance) ? [] : valgrind };
  await agent.stop();
  const watched = await startAgent(instance, model, slow);
  for (const question of ['@ariadne zeppelin?', `@ariadne read ${world.url}/page`, '@ariadne zeppelin? [fault:cut:1]'])
    assert.equal((await asker.run(question, 60_000)).session.status, 'completed');
  const { code } = await watched.stop();
  assert.equal(code, 0, watched.output);
  agent = await startAgent(instance, model);
});
