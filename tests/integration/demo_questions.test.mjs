// SPDX-License-Identifier: Apache-2.0
// Every question to Ariadne that the README, the documents or the page suggest has an answer in the demo workspace, with
// sources to check it by.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { Asker } from './agent_stage.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const under = (folder, pattern) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => pattern.test(name) && !name.startsWith('vendor'))
    .map((name) => join(folder, name));

// Quoted as code in the documents and as a string in the page.
const suggestions = (text) => [...text.matchAll(/[`'"](@ariadne [^`'"]+)[`'"]/g)].map((match) => match[1]);
const files = ['README.md', ...under('docs', /\.md$/), ...under('static', /\.(js|html)$/)];
const questions = [...new Set(files.flatMap((file) => suggestions(read(file))))];

let instance, asker;
before(async () => {
  instance = await start({ demo: true });
  asker = new Asker(await personOf(instance), instance);
});
after(() => instance?.stop());

test('the README suggests a question', () => assert.ok(suggestions(read('README.md')).length > 0));

for (const question of questions)
  test(`a suggested question is answered with sources: ${question}`, async () => {
    const trace = await asker.run(question, 60_000);
    assert.equal(trace.session.status, 'completed', JSON.stringify(trace.session.error));
    const messages = await asker.messages(trace.asked.streamId);
    const answer = messages.find((message) => message.author.type === 'persona');
    assert.ok(answer.sources.length > 0, answer.content);
    assert.doesNotMatch(answer.content, /I found nothing/);
    for (const source of answer.sources) assert.ok(answer.content.includes(source.messageId), answer.content);
  });
