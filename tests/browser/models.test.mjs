// SPDX-License-Identifier: Apache-2.0
// What people see when a model server is odd, refuses or is busy, with recorded replies: the card's sentence, the trace
// and what it says while it waits. A picture of each is kept.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { reply, sample, says, startReplay, stream } from '../integration/agent_replay.mjs';
import { Asker, startAgent } from '../integration/agent_stage.mjs';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { findObstacles, openBrowser, Visitor } from './lib/visitor.mjs';

const good = says('All is well GOOD-ANSWER');
let instance, browser, asker, visitor;

before(async () => {
  instance = await start();
  browser = await openBrowser();
  asker = new Asker(await personOf(instance), instance);
  visitor = await (await Visitor.open(browser, instance)).signIn();
});

after(async () => {
  await visitor?.close();
  await browser?.close();
  await instance?.stop();
});

// Asks an agent whose model server answers so, and has `look` look at the thread meanwhile.
async function asking(answer, look, env = {}) {
  const replay = await startReplay(answer);
  const settings = { TRACE_MODEL: 'quirk-model', TRACE_MODEL_TRIES: '2', ...env };
  const agent = await startAgent(instance, { url: replay.url }, { env: settings });
  try {
    const asked = await asker.ask((await asker.channel()).id, '@ariadne what about pgbouncer?');
    await visitor.go(visitor.stream(asked.streamId));
    await look(asked);
  } finally {
    assert.equal((await agent.stop()).code, 0, agent.output);
    replay.stop();
  }
}

const card = (id) => visitor.page.locator(`.card[data-session="${id}"]`);
const trace = (id) => visitor.go(visitor.path(`/trace/${id}`));
async function keep(name) {
  for (const theme of ['light', 'dark']) {
    await visitor.page.emulateMedia({ colorScheme: theme });
    assert.deepEqual(await findObstacles(visitor.page, `${name} ${theme}`), []);
    await visitor.shot(`models-${name}-${theme}`);
  }
}

for (const [name, answer, sentence] of [
  ['quota', () => sample('err-429-quota'), /quota/i],
  [
    'unknown model',
    () => reply(404, '{"error":{"message":"model \'quirk-model\' not found, try pulling it first"}}'),
    /quirk-model.*TRACE_MODEL|pull/,
  ],
  ['key refused', () => reply(401, '{"error":{"message":"Incorrect API key provided"}}'), /key/i],
  ['an error in the stream', () => sample('err-midstream-vllm'), /\S/],
  ['a page instead of an answer', () => reply(200, '<html><title>Sign in</title></html>'), /It says: Sign in\.?$/],
])
  test(`the card and the trace say what is wrong and what to change: ${name}`, async () => {
    await asking(answer, async ({ id }) => {
      const line = card(id).locator('.card-line');
      await visitor.page.waitForSelector(`.card-failed[data-session="${id}"]`);
      const words = await line.innerText();
      assert.ok(
        await line.evaluate(
          (box) => box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1,
        ),
        'the sentence is cut',
      );
      assert.match(words, sentence);
      assert.doesNotMatch(words, /the model failed/i);
      await keep(`card-${name.replaceAll(' ', '-')}`);
      await trace(id);
      await visitor.page.waitForSelector(`text=${words.split(' • ').at(-1).slice(0, 30)}`);
      await keep(`trace-${name.replaceAll(' ', '-')}`);
    });
  });

test('a refusal is shown as the words of the model', async () => {
  await asking(
    () => sample('refusal'),
    async ({ id }) => {
      await card(id).and(visitor.page.locator('.card-failed, .card-completed')).waitFor();
      await keep('card-refusal');
      await trace(id);
      await visitor.page.waitForSelector('.trace-row, .tree-row');
      await keep('trace-refusal');
    },
  );
});

test('an incomplete answer says that it is, and why', async () => {
  await asking(
    () => sample('length-cut'),
    async ({ id }) => {
      await visitor.page.waitForSelector('.message:has-text("incomplete")');
      await keep('answer-incomplete');
      await trace(id);
      await visitor.page.waitForSelector('.panel-summary .said:has-text("first, always")');
      await visitor.page.waitForSelector('.panel-summary .panel-fault');
      await keep('trace-incomplete');
    },
  );
});

test('thinking between tags is thinking, and not in the answer', async () => {
  await asking(
    () => sample('think-tags'),
    async ({ id }) => {
      await visitor.page.waitForSelector('.message:has-text("END-OF-ANSWER")');
      assert.doesNotMatch(
        await visitor.page.locator('.message:has-text("END-OF-ANSWER")').innerText(),
        /Secret pondering/,
      );
      await trace(id);
      await visitor.page.waitForSelector('text=Secret pondering');
      await keep('trace-thinking');
    },
  );
});

test('a server without tools is used without them, and the answer comes', async () => {
  await asking(
    (request) => (request.body.tools ? sample('err-vllm-no-tools') : good),
    async ({ id }) => {
      await visitor.page.waitForSelector('.message:has-text("GOOD-ANSWER")');
      await trace(id);
      await visitor.page.waitForSelector('text=GOOD-ANSWER');
      await keep('trace-no-tools');
    },
  );
});

test('while the model is waited for, the trace counts down', async () => {
  const busy = reply(429, '{"error":{"message":"Rate limit reached"}}', 'retry-after-ms: 4000\r\n');
  let wasSeen = false;
  await asking(
    () => (wasSeen ? good : busy),
    async ({ id }) => {
      await trace(id);
      await visitor.page.waitForSelector('text=/[Ww]aiting for the model, try [0-9]+ of 20, in [0-9]+ s/');
      wasSeen = true;
      await visitor.shot('models-trace-countdown');
      await visitor.page.waitForSelector('text=GOOD-ANSWER');
    },
    { TRACE_MODEL_TRIES: '20' },
  );
});

test('a stream that breaks off leaves a sentence, and no half answer', async () => {
  await asking(
    () => stream([{ content: 'Half of it' }], null).subarray(0, -14),
    async ({ id }) => {
      await visitor.page.waitForSelector(`.card-failed[data-session="${id}"], .message:has-text("incomplete")`);
      await visitor.page.waitForSelector('.message .replies:text-matches("^(Thread|1 reply)")');
      await keep('card-broken');
    },
  );
});
