// SPDX-License-Identifier: Apache-2.0
// Connect an agent: an admin makes a token, copies what is shown, and sees the first step come.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addPerson } from '../lib/people.mjs';
import { stage } from './lib/stage.mjs';
import { Visitor } from './lib/visitor.mjs';

const { instance, browser } = await stage();

const ends = (name, id, more) => ({
  traceId: id.repeat(2),
  spanId: id,
  name,
  startTimeUnixNano: `${Date.now()}000000`,
  attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
  ...more,
});

async function report(token, span) {
  const response = await fetch(`${instance.url}/ingest/otlp/v1/traces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  assert.equal(response.status, 200);
}

const open = async () => {
  const visitor = await (await Visitor.open(browser, instance)).signIn();
  await visitor.page.click('.side-link:has-text("Connect an agent")');
  await visitor.page.waitForSelector('#connect-title');
  return visitor;
};

test('a token is made and stands in what is copied, and the first step is seen live', async () => {
  const visitor = await open();
  const { page } = visitor;
  assert.match(await page.textContent('.connect-code'), /LANGSMITH_API_KEY=TOKEN/);
  await page.click('.tab:has-text("OpenTelemetry")');
  await page.click('button:has-text("Make a token")');
  const token = await page.textContent('.connect-token');
  assert.match(token, /^atk_/);
  assert.ok((await page.textContent('.connect-code')).includes(`authorization=Bearer%20${token}`));
  await page.waitForSelector('.connect-state:has-text("Waiting for the first step")');
  await report(token, ends('chat of the labyrinth', '00000000000000a1'));
  await page.waitForSelector('.connect-state.is-here:has-text("The first step is here")');
  await visitor.shot?.('connect');
  // What another framework of the same kind sends goes by the same token; the libraries need another one.
  await page.click('.tab:has-text("LangGraph")');
  assert.equal(await page.textContent('.connect-token'), token);
  await page.click('.tab:has-text("Python")');
  await page.waitForSelector('.connect-code:has-text("token=\\"TOKEN\\"")');
  await page.click('.tab:has-text("OpenTelemetry")');
  await page.click('.connect-state a');
  await page.waitForSelector('.view-trace');
  await visitor.close();
});

test('an agent that reports all at once at its end is seen, too', async () => {
  const visitor = await open();
  const { page } = visitor;
  await page.click('button:has-text("Make a token")');
  const token = await page.textContent('.connect-token');
  await report(token, ends('chat', '00000000000000b1', { endTimeUnixNano: `${Date.now() + 5}000000` }));
  await page.waitForSelector('.connect-state.is-here');
  await visitor.close();
});

test('who is no admin is told who makes it, and the server refuses it', async () => {
  const bob = await addPerson(instance, 'Bob');
  const answer = await bob.post('tokens', { personaId: instance.env.TRACE_PERSONA, scopes: ['ingest'] });
  assert.equal(answer.expect(403).code, 'admin_only');
});
