// SPDX-License-Identifier: Apache-2.0
// What was recorded is what is read: inputs of public reports of other trace tools that were lost, changed or misread there. The kinds,
// and where each is tested:
//
//   lost without a word         put.test.mjs, step_repeat.test.mjs, tests/clients/
//   true times                  step_events.test.mjs, put.test.mjs, and below
//   numbers are text            below, tests/unit/js/exact.test.mjs, test_cgi_body.c
//   what is stored can be seen  tests/browser/contents.test.mjs, tests/browser/viewer.test.mjs
//   search inside traces        below
//   search of messages          search.test.mjs
//   deleted is deleted          tests/attack/deleted.test.mjs
//   cuts at graphemes           tests/unit/js/viewer.test.mjs, tests/browser/contents.test.mjs
//   times that are no times     below, test_base_clock.c
//   batches in any order        step_batch.test.mjs, put.test.mjs
//   the server's settings       settings.test.mjs, admin_migrate.test.mjs
//   costs                       below
//   characters that hide        tests/unit/js/viewer.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId, World } from './session_world.mjs';

let world, agent, session;
before(async () => {
  world = await World.make();
  ({ agent } = world);
  session = await world.session();
});
after(() => world?.instance?.stop());

const STEPS = () => `agent-sessions/${session}/steps`;
// A step recorded as that text of a body, and its id.
async function record(members) {
  const id = newId('stp');
  (await agent.post(STEPS(), `{"id":"${id}","stepType":"x","completed":true,${members}}`)).expect(201);
  return id;
}
// The value of a member as the server printed it.
async function printed(path, member) {
  const { text } = (await agent.get(path)).expect(200);
  return text.slice(text.indexOf(`"${member}":`) + member.length + 3);
}

test('numbers are kept as they were written', async () => {
  const content = '{"v":[9007199254740993,1.10,-0,-0.0,1E5,1e+05,0.1e1,123456789012345678901234567890]}';
  const id = await record(`"content":${content}`);
  assert.ok((await printed(`${STEPS()}/${id}`, 'content')).startsWith(content));
  const page = (await agent.get(`agent-sessions/${session}?around=${id}&limit=1`)).expect(200).text;
  assert.ok(page.includes(`"content":${content}`));
});

test('a number that cannot be kept is refused as a number, with its field and place', async () => {
  for (const [number, field] of [
    ['1e400', 'content'],
    ['9'.repeat(400), 'content'],
  ]) {
    const text = `{"stepType":"x","completed":true,"${field}":{"v":${number}}}`;
    const reply = await agent.post(STEPS(), text);
    assert.equal(reply.expect(400).code, 'invalid_body');
    assert.match(reply.body.detail, /number/);
    assert.doesNotMatch(reply.body.detail, /UTF-8/);
    assert.equal(reply.body.field, field);
    assert.ok(reply.body.offset > text.indexOf(number) && reply.body.offset <= text.length, `${reply.body.offset}`);
  }
});

test('in a batch the offset is that of the line', async () => {
  const lines = ['{"op":"record","stepType":"x"}', '{"op":"record","stepType":"x","content":{"v":1e400}}'];
  const reply = await agent.post(`agent-sessions/${session}/batch`, lines.join('\n'));
  assert.deepEqual([reply.expect(400).body.line, reply.body.field], [2, 'content']);
  assert.ok(reply.body.offset <= lines[1].length);
});

test('a search finds what a reader reads, and nothing else', async () => {
  session = await world.session();
  const find = async (q) =>
    (await agent.get(`agent-sessions/${session}?q=${encodeURIComponent(q)}`))
      .expect(200)
      .body.steps.map(({ id }) => id);
  const escaped = await record(
    '"content":{"tool":"search","args":{"q":"r\\u00e9sum\\u00e9 \\u5185\\u90e8\\u8d44\\u6599"},"result":"\\u0645\\u0631\\u062d\\u0628\\u0627 \\ud83d\\ude00"}',
  );
  const lines = await record('"content":"first line\\none two three"');
  const slashes = await record(
    '"content":{"path":"src\\/lib\\/a.c","html":"\\u003cb\\u003e","quote":"say \\"when\\"","exitCode":137}',
  );
  const plain = await record(
    '"content":{"wrapped":"of two lines","next":"together"},"error":{"code":"oops","message":"it broke"}',
  );
  const source = await record('"sources":[{"type":"web","title":"A t\\u00eftle","url":"https://example.org/x"}]');
  const cases = {
    résumé: [escaped],
    SUMé: [escaped],
    内部资料: [escaped],
    مرحبا: [escaped],
    '😀': [escaped],
    'line\none': [lines],
    none: [],
    'src/lib/a.c': [slashes],
    '<b>': [slashes],
    'say "when"': [slashes],
    137: [slashes],
    u003c: [],
    exitCode: [],
    wrapped: [],
    'of two lines': [plain],
    'lines","next': [],
    'it broke': [plain],
    títle: [],
    'A tïtle': [source],
    'example.org/x': [source],
  };
  for (const [q, found] of Object.entries(cases)) assert.deepEqual(await find(q), found, q);
});

test('no number that was recorded makes a search fail', async () => {
  const path = `agent-sessions/${await world.session()}`;
  const values = ['1e-20000', `0.${'0'.repeat(20_000)}1`, '1e-99999999999', '-0', '1.50E+300'];
  for (const value of values)
    (
      await agent.post(
        `${path}/steps`,
        `{"stepType":"x","completed":true,"content":{"n":${value},"a":[true,{"needle":"the needle \\"x\\""},null,""]}}`,
      )
    ).expect(201);
  // By the door come numbers that the other doors refuse.
  await world.sql(
    `UPDATE steps SET content = '{"n":1e200000,"a":["the needle"]}' WHERE session_id = '${path.slice(15)}' AND step_number = 1`,
  );
  const found = async (q) => (await agent.get(`${path}?q=${encodeURIComponent(q)}`)).expect(200).body.steps.length;
  assert.equal(await found('THE needle'), values.length);
  assert.equal(await found('needle "x"'), values.length - 1);
  assert.equal(await found('1e200000'), 1);
  assert.equal(await found('null'), 0);
});

test('every match of a search is on some page', async () => {
  session = await world.session();
  const wanted = [];
  for (let i = 0; i < 25; i++)
    wanted.push(await record(`"content":"n\\u00e9edle ${i}"`), void (await record('"content":"hay"')));
  const found = [];
  for (let after = ''; after !== undefined; ) {
    const { steps, nextAfter } = (
      await agent.get(
        `agent-sessions/${session}?q=${encodeURIComponent('néedle')}&limit=10${after && `&after=${after}`}`,
      )
    ).expect(200).body;
    found.push(...steps.map(({ id }) => id));
    after = nextAfter;
  }
  assert.deepEqual(
    found,
    wanted.filter((id) => id),
  );
});

test('times that are no times are refused wherever a client may say one', async () => {
  const wrong = [
    '9999-99-99T99:99:99Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00------',
    'now',
  ];
  for (const time of wrong) {
    const source = { type: 'message', title: 't', timestamp: time };
    const tried = [
      [{ stepType: 'web_search', completed: true, content: { query: 'q' }, sources: [source] }, 'sources'],
      [{ stepType: 'x', startedAt: time }, 'startedAt'],
      [{ stepType: 'x', completed: true, completedAt: time }, 'completedAt'],
    ];
    for (const [body, field] of tried)
      assert.equal((await agent.post(STEPS(), body)).expect(400).body.field, field, time);
    assert.equal((await agent.post('agent-sessions', { startedAt: time })).expect(400).body.field, 'startedAt');
  }
  const small = new Date(Date.now() - 1000).toISOString().toLowerCase();
  const { step } = (await agent.post(STEPS(), { stepType: 'x', startedAt: small, completed: true })).expect(201).body;
  assert.equal(step.startedAt, small.toUpperCase());
});

test('a cost keeps twelve digits, and there is no -0', async () => {
  session = await world.session();
  const costs = {
    '-0.0': '0',
    0.1: '0.1',
    0.000000123456789012: '1.23456789012e-07',
    123456789.123456: '123456789.123',
  };
  for (const [cost, kept] of Object.entries(costs)) {
    const id = await record(`"usage":{"costUsd":${cost}}`);
    assert.equal((await printed(`${STEPS()}/${id}`, 'costUsd')).replace(/[},].*/s, ''), kept, cost);
  }
});
