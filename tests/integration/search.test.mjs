// SPDX-License-Identifier: Apache-2.0
// Search through nginx: what is found, in which order, how it is shown, and to whom.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { addPersona, addPerson, addToken } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';

let instance, ada, bob, agent, general;

before(async () => {
  // The largest documents take their time where the machine is busy.
  instance = await start({ env: { TRACE_DATABASE_DEADLINE: '30' } });
  ada = await personOf(instance);
  bob = await addPerson(instance, 'Bob');
  agent = agentOf(instance);
  general = instance.env.TRACE_STREAM;
});
after(() => instance?.stop());

let names = 0;
const make = async (who, fields = {}) =>
  (await who.post('streams', { type: 'channel', name: `room ${++names}`, private: true, ...fields })).expect(201).body
    .stream;
const say = async (who, stream, content) =>
  (await who.post(`streams/${stream}/messages`, { content })).expect(201).body.message;
const find = async (who, q, more = '') =>
  (await who.get(`search?q=${encodeURIComponent(q)}${more}`)).expect(200).body.hits;
const idsOf = (hits) => hits.map(({ message: { id } }) => id);

test('words in any form, the last one as a prefix, phrases and exclusions', async () => {
  const one = await say(ada, general, 'We are migrating the billing database on Friday');
  const two = await say(bob, general, 'The billing migration is done, thank you all');
  assert.deepEqual(idsOf(await find(ada, 'migrate billing')).sort(), [one.id, two.id].sort());
  assert.deepEqual(idsOf(await find(ada, 'billing dat')), [one.id]);
  assert.deepEqual(idsOf(await find(ada, 'fri')), [one.id]);
  assert.deepEqual(idsOf(await find(ada, '"billing database"')), [one.id]);
  assert.deepEqual(idsOf(await find(ada, 'billing -database')), [two.id]);
  assert.deepEqual(idsOf(await find(ada, 'database or thank')).sort(), [one.id, two.id].sort());
  assert.deepEqual(await find(ada, 'the'), []);
  assert.deepEqual(await find(ada, '!!! & | ( ) :* \'" \\'), []);
});

test('what stands in a message is found: addresses, lines of files, stop words, scripts without spaces, accents', async () => {
  const stream = (await make(ada)).id;
  const cases = {
    "I don't agree with this plan": ["don't", 'don’t', "I don't"],
    会議の内部資料を検索する方法: ['内部資料', '検索', '法', '"内部資料"', '検索 会議'],
    'deploy 🚀🚀 now': ['🚀', 'deploy 🚀'],
    'see https://example.org/a/b?c=d and src/lib/a.c:42': ['https://example.org/a/b', 'a.c:42', 'src/lib', 'b?c=d'],
    'mail jane.doe+x@example.co.uk': ['example.co.uk', 'jane.doe', 'doe+x@example.co.u'],
    'Café Zoë, ÅNGSTRÖM': ['cafe', 'CAFÉ', 'cafe\u0301', 'zoë', 'angstrom'],
    'to be or not to be': ['to be or not to be', '"to be"', '"not to"'],
    สวัสดีชาวโลก: ['ชาวโลก'],
  };
  const ids = {};
  for (const content of Object.keys(cases)) ids[content] = (await say(ada, stream, content)).id;
  for (const [content, queries] of Object.entries(cases))
    for (const query of queries) {
      const hits = await find(ada, query, `&forStream=${stream}`);
      assert.deepEqual(idsOf(hits), [ids[content]], query);
      const [{ snippet, matches }] = hits;
      const shown = matches.map(([from, length]) => [...snippet].slice(from, from + length).join(''));
      assert.notDeepEqual(shown, [], `what of ${snippet} is meant by ${query}`);
      for (const part of shown) assert.ok(content.includes(part), `${part} in ${content}`);
    }
  for (const query of ['資内', 'a.c:43', 'example.com', '"be to"', '🚗'])
    assert.deepEqual(await find(ada, query, `&forStream=${stream}`), [], query);
});

test('messages that make the largest documents can be posted, changed and found', async () => {
  const stream = (await make(ada)).id;
  const letters = (n, pick) => Array.from({ length: n }, (_, i) => pick(i)).join('');
  const texts = [
    letters(200_000, (i) => (i % 4 === 3 ? ' ' : String.fromCharCode(97 + ((i * 7919) % 26)))),
    letters(240_000, (i) => (i % 3 === 2 ? ' ' : String.fromCodePoint(0x4e00 + ((i * 7919) % 20000)))),
    letters(240_000, (i) => (i % 3 === 2 ? ' ' : String.fromCodePoint(0x20000 + ((i * 7919) % 40000)))),
    letters(300_000, (i) => (i % 5 === 4 ? ' ' : String.fromCodePoint(0x430 + (((i >> 2) * 7919 + i * 13) % 32)))),
  ];
  for (const text of texts) {
    const { id } = await say(ada, stream, `${text.slice(0, 250_000)} tail`);
    (await ada.patch(`messages/${id}`, { content: `aardwolf ${text.slice(0, 200_000)}` })).expect(200);
    assert.deepEqual(idsOf(await find(ada, 'aardwolf', `&forStream=${stream}`)), [id]);
    (await ada.delete(`messages/${id}`)).expect(200);
  }
});

test('a frequent word is looked for among the newest, in every stream that the caller may read', async () => {
  const mine = (await make(ada)).id;
  const hidden = (await make(bob)).id;
  const post = (stream, from, n) =>
    instance.psql(`INSERT INTO messages (id, workspace_id, stream_id, seq, author_id, content, created_at)
      SELECT 'msg_' || lpad((${from} + n)::text, 26, '0'), '${instance.env.TRACE_WORKSPACE}', '${stream}', 1000 + n, '${bob.id}',
        'the ibis was seen for time number ' || n, now() + (${from} + n) * interval '1 ms' FROM generate_series(1, ${n}) n`);
  await post(mine, 0, 700);
  await post(hidden, 700, 1200);
  const newest = await find(ada, 'ibis', '&limit=5');
  assert.deepEqual(
    new Set(newest.map(({ stream }) => stream.id)),
    new Set([mine]),
    'not hidden by what may not be read',
  );
  assert.equal(newest.length, 5);
  assert.equal((await find(ada, 'ibis', '&limit=500')).length, 500);
  assert.deepEqual(await find(agent, 'ibis'), []);
  assert.equal((await find(bob, 'ibis', '&limit=500')).length, 500);
  assert.equal((await find(ada, 'ibis 699', '&limit=5'))[0].message.content, 'the ibis was seen for time number 699');
});

test('a word too long for the index is not logged', async () => {
  const long = await say(ada, general, `okapi ${'o'.repeat(3000)}`);
  assert.deepEqual(idsOf(await find(ada, 'okapi')), [long.id]);
  for (const line of instance.log('workspace-api').trim().split('\n'))
    assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z (info|warning|error) /);
});

test('a hit shows where the words are, in code points', async () => {
  await say(ada, general, '🙂🙂 größer: the quokka saw a quokka');
  const [hit] = await find(ada, 'quokka');
  assert.deepEqual(Object.keys(hit), ['message', 'stream', 'snippet', 'matches']);
  assert.deepEqual(hit.stream, { id: general, type: 'channel', name: hit.stream.name });
  const points = [...hit.snippet];
  assert.deepEqual(
    hit.matches.map(([from, length]) => points.slice(from, from + length).join('')),
    ['quokka', 'quokka'],
  );
});

test('the newer of two equals comes first; limit is kept', async () => {
  const old = await say(ada, general, 'walrus report');
  const fresh = await say(ada, general, 'walrus report');
  await instance.psql(`UPDATE messages SET created_at = now() - interval '90 days' WHERE id = '${old.id}'`);
  assert.deepEqual(idsOf(await find(ada, 'walrus')), [fresh.id, old.id]);
  assert.deepEqual(idsOf(await find(ada, 'walrus', '&limit=1')), [fresh.id]);
});

test('edited and deleted words are not found', async () => {
  const message = await say(ada, general, 'the narwhal plan');
  (await ada.patch(`messages/${message.id}`, { content: 'the beluga plan' })).expect(200);
  assert.deepEqual(await find(ada, 'narwhal'), []);
  assert.deepEqual(idsOf(await find(ada, 'beluga')), [message.id]);
  (await ada.delete(`messages/${message.id}`)).expect(200);
  assert.deepEqual(await find(ada, 'beluga'), []);
});

test('nor is a deleted message found by the words that it lacks', async () => {
  const stream = await make(ada);
  const kept = await say(ada, stream.id, 'an ordinary message');
  const gone = await say(ada, stream.id, 'a message to be deleted');
  const sought = async () =>
    idsOf(await find(ada, '-capybara', `&limit=500&forStream=${stream.id}`)).filter((id) =>
      [kept.id, gone.id].includes(id),
    );
  assert.deepEqual((await sought()).sort(), [kept.id, gone.id].sort());
  (await ada.delete(`messages/${gone.id}`)).expect(200);
  assert.deepEqual(await sought(), [kept.id]);
});

test('a caller finds only what they may read; a search for a stream only what all its readers may', async () => {
  const [adas, shared] = [await make(ada), await make(ada)];
  (await ada.post(`streams/${shared.id}/members`, { userId: bob.id })).expect(201);
  const open = await say(ada, general, 'axolotl in public');
  const secret = await say(ada, adas.id, 'axolotl for ada');
  const both = await say(ada, shared.id, 'axolotl for two');
  const thread = (await ada.post(`messages/${both.id}/thread`)).expect(201).body.stream;
  const reply = await say(bob, thread.id, 'axolotl in a thread');
  const sorted = async (who, more) => idsOf(await find(who, 'axolotl', more)).sort();
  assert.deepEqual(await sorted(ada), [open, secret, both, reply].map(({ id }) => id).sort());
  assert.deepEqual(await sorted(bob), [open, both, reply].map(({ id }) => id).sort());
  assert.deepEqual(await sorted(agent), [open.id]);
  assert.deepEqual(await sorted(ada, `&forStream=${general}`), [open.id]);
  assert.deepEqual(await sorted(ada, `&forStream=${shared.id}`), [open, both, reply].map(({ id }) => id).sort());
  assert.deepEqual(await sorted(ada, `&forStream=${thread.id}`), [open, both, reply].map(({ id }) => id).sort());
  assert.deepEqual(await sorted(ada, `&forStream=${adas.id}`), [open, secret, both, reply].map(({ id }) => id).sort());
  (await bob.get(`search?q=axolotl&forStream=${adas.id}`)).expect(404);
});

test('the personas of a stream are readers of it', async () => {
  const [one, two] = await Promise.all(['Scout', 'Clerk'].map((name) => addPersona(instance, name)));
  const scout = await addToken(instance, one.id, ['read']);
  const [audience, ofOne] = [await make(ada), await make(ada)];
  for (const [stream, persona] of [
    [audience, one],
    [audience, two],
    [ofOne, one],
  ])
    (await ada.post(`streams/${stream.id}/members`, { personaId: persona.id })).expect(201);
  const shared = await say(ada, audience.id, 'pangolin for all three');
  const hidden = await say(ada, ofOne.id, 'pangolin for one persona');
  const sorted = async (who, more) => idsOf(await find(who, 'pangolin', more)).sort();
  for (const who of [ada, scout]) {
    assert.deepEqual(await sorted(who), [shared.id, hidden.id].sort());
    assert.deepEqual(await sorted(who, `&forStream=${audience.id}`), [shared.id]);
    assert.deepEqual(await sorted(who, `&forStream=${ofOne.id}`), [shared.id, hidden.id].sort());
  }
});

test('invalid queries', async () => {
  for (const bad of [
    '',
    'q=',
    `q=${'é'.repeat(501)}`,
    'q=x&limit=0',
    'q=x&limit=501',
    'q=x&forStream=str_1',
    'q=%00',
    'q=%ff',
  ])
    assert.equal((await ada.get(`search?${bad}`)).expect(400).code, 'invalid_query', bad);
  (await ada.get(`search?q=${'é'.repeat(500)}`)).expect(200);
  (await ada.get(`search?q=x&forStream=${newId('str')}`)).expect(404);
});
