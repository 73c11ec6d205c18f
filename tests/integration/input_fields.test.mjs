// SPDX-License-Identifier: Apache-2.0
// Every route that takes a body, with every field of it invalid in every way, and every query: a problem or an answer,
// never a 5xx. Then texts that try to become headers, lines of a stream, or another request.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { fill, isSafe, privateWorld, routes, unhurried } from './input_world.mjs';
import { exchange } from './input_wire.mjs';

let instance, person, agent, shared, ids;
before(async () => {
  instance = await start();
  person = await personOf(instance);
  agent = agentOf(instance);
  ({ ids, shared } = await privateWorld(person, agent, (await addPerson(instance, 'Dora')).id));
});
after(async () => {
  if (!instance) return;
  await instance.waitHealthy();
  for (const name of ['trace-api', 'workspace-api', 'trace-pusher'])
    assert.doesNotMatch(instance.log(name), / error |signal|sanitizer/i, name);
  await instance.stop();
});

const clientOf = (route) => ({ program: agent, share: shared })[route.who] ?? person;

function isClean(reply, what) {
  assert.ok(reply.status < 500, `${what}: ${reply.status} ${reply.text.slice(0, 200)}`);
  if (reply.status >= 400) assert.ok(reply.code, what);
}

const deep = (n) => '['.repeat(n) + ']'.repeat(n);
const values = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '-0',
  '1e308',
  '99999999999999999999',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '1e-400',
  '""',
  '"x"',
  '"\\r\\nX: y"',
  '"\\u007f\\u0085\\u2028\\ufeff"',
  '"\\ud83d\\ude00"',
  '"ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"',
  '"\'; DROP TABLE messages; --"',
  '"{},\\"\\\\"',
  '"%00%0d%0a"',
  '[]',
  '{}',
  '[null]',
  '{"":""}',
  '{"a":{"b":[1,2,{}]}}',
  deep(60),
  JSON.stringify('é'.repeat(300)),
  JSON.stringify('x'.repeat(70_000)),
];
// Values that no field accepts.
const refusedValues = [
  '1\0',
  '{"z":1.5\0}',
  '1e999',
  '-1e999',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"a\tb"',
  deep(100),
  deep(100_000),
  'NaN',
  'tru',
  '"\\x"',
  '01',
  '+1',
  '.5',
  '"unended',
];

test('every field of every body, with every invalid value', async () => {
  for (const route of routes.filter(
    (route) => !isSafe(route) && route.body(ids) && !/login|accept|complete$|fail$|cancel$|members/.test(route.name),
  )) {
    for (const field of Object.keys(route.body(ids)))
      for (const value of values) {
        const rest = Object.entries(route.body(ids))
          .filter(([name]) => name !== field)
          .map(([name, given]) => `,${JSON.stringify(name)}:${JSON.stringify(given)}`);
        isClean(
          await clientOf(route).request(
            route.method,
            fill(route, ids),
            `{${JSON.stringify(field)}:${value}${rest.join('')}}`,
          ),
          `${route.name} ${field} ${value.slice(0, 40)}`,
        );
      }
  }
});

// Each call gets a new object, since a valid call ends it. Signing in is throttled at some point, whatever is sent.
test('every field of the calls that end something, with every invalid value', async () => {
  const SESSION = '/api/workspaces/{ws}/agent-sessions/{ses}';
  const fresh = async () => {
    const ses = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
    const stp = (await agent.post(`agent-sessions/${ses}/steps`, { stepType: 'thinking' })).expect(201).body.step.id;
    const str = (await person.post('streams', { type: 'channel', name: `${stp}`.toLowerCase() })).expect(201).body
      .stream.id;
    return { ...ids, ses, stp, str };
  };
  const ending = routes.filter(
    (route) =>
      !isSafe(route) &&
      new RegExp(`login|members|${SESSION}/(steps/{stp}/)?(complete|fail|cancel)`.replace(/[{}]/g, '.')).test(
        route.name,
      ),
  );
  assert.equal(ending.length, 7);
  const fields = { complete: ['responseMessageId', 'seenSeq'], members: ['userId', 'personaId'], cancel: ['x'] };
  for (const route of ending)
    for (const field of new Set([
      ...Object.keys(route.body(ids) ?? {}),
      ...(fields[route.name.split('/').at(-1)] ?? []),
    ]))
      for (const value of values) {
        const where = await fresh();
        const rest = Object.entries(route.body(ids) ?? {})
          .filter(([name]) => name !== field && name !== 'error')
          .map(([name, given]) => `,${JSON.stringify(name)}:${JSON.stringify(given)}`);
        isClean(
          await clientOf(route).request(
            route.method,
            fill(route, where),
            `{${JSON.stringify(field)}:${value}${rest.join('')}}`,
          ),
          `${route.name} ${field} ${value.slice(0, 40)}`,
        );
      }
});

test('bodies that are not exactly one JSON value write nothing', async () => {
  const whole = [
    '{',
    '[]',
    '"x"',
    '1',
    'null',
    '{} {}',
    '{"a":1}{',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    `{"a":${'0,'.repeat(3)}}`,
    '\ufeff{}',
    "{'a':1}",
    '{"a":1,}',
    '/**/{}',
    `{"a":[${'1,'.repeat(250_000)}1]}`,
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from('{"a":"\0"}'),
    Buffer.from('\x1f\x8b\x08\0\0\0', 'latin1'),
    Buffer.from('{"a":1}', 'utf16le'),
  ];
  for (const value of refusedValues) whole.push(`{"x":${value}}`, `{"x":{"y":[${value}]}}`);
  const messages = async () =>
    JSON.stringify(
      await instance.psql(
        'SELECT (SELECT count(*) FROM messages) m, (SELECT count(*) FROM agent_sessions) s, (SELECT count(*) FROM streams) r',
      ),
    );
  const was = await messages();
  for (const route of routes.filter((route) => !isSafe(route) && route.body(ids)))
    for (const body of whole) {
      const reply = await unhurried(() => clientOf(route).request(route.method, fill(route, ids), body));
      assert.equal(`${reply.status} ${reply.code}`, '400 invalid_body', `${route.name} ${body.slice(0, 40)}`);
    }
  assert.equal(await messages(), was);
});

test('invalid queries', async () => {
  const bad = [
    '?%',
    '?a=%',
    '?a=%0',
    '?a=%zz',
    '?a=%ff',
    '?a=%ed%a0%80',
    '?a=%c0%af',
    '?a=%00',
    '?%00=1',
    `?${Array.from({ length: 65 }, (_, i) => `a${i}=1`).join('&')}`,
  ];
  for (const route of routes.filter((route) => isSafe(route) && route.who !== 'nobody'))
    for (const query of bad) {
      const reply = await clientOf(route).get(fill(route, ids) + query);
      assert.equal(`${reply.status} ${reply.code}`, '400 invalid_query', `${route.name} ${query}`);
    }
});

test('every parameter of every query, with every invalid value', async () => {
  const parameters = [
    'limit',
    'before',
    'after',
    'around',
    'sinceSeq',
    'status',
    'streamId',
    'forStream',
    'personaId',
    'q',
    'actor',
    'room',
    'lastEventId',
  ];
  const texts = [
    '',
    '-1',
    '0',
    '1',
    '501',
    '1.5',
    '1e9',
    '0x10',
    ' 1',
    '9223372036854775807',
    '9223372036854775808',
    '99999999999999999999999',
    'x',
    'null',
    "'",
    '%22',
    '%27%3B--',
    '%5C',
    '%7B%7D',
    '%25',
    '*',
    ':*',
    '%26%7C%21',
    '%3C-%3E',
    '%E2%80%A8',
    'msg_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'running,,failed',
    '.',
    '-.-',
    '%0d%0ax',
    'x'.repeat(3000),
  ];
  for (const route of routes.filter((route) => isSafe(route) && route.who !== 'nobody'))
    for (const parameter of parameters) {
      // The door has parameters of its own, and its stream does not end.
      if (/\{(ws|shr)\}\/events$/.test(route.pattern) ? parameter !== 'room' : parameter === 'room') continue;
      const paths = texts.map((text) => `${fill(route, ids)}?${parameter}=${text}`);
      const replies = await Promise.all(paths.map((path) => clientOf(route).get(path)));
      replies.forEach((reply, i) => isClean(reply, paths[i].slice(-60)));
    }
});

test('empty and long searches', async () => {
  const texts = [
    '-',
    '- ',
    '-!',
    '-|-',
    '-:-*',
    '"-"',
    '-"',
    '-""',
    "-'",
    '-or ',
    '!',
    '&|',
    '(',
    '<->',
    ':*',
    '\\',
    '-\u00a0',
    '-\u3000-',
    'a-',
    '-a',
    '- or -',
    '"a -b" -',
    '\u{1f600}-',
  ];
  for (const text of texts) {
    const many = (most) => text.repeat(Math.floor(most / [...text].length));
    for (const q of [text, many(500), `x ${many(490)}`, `${many(490)}x`])
      (await person.get(`search?q=${encodeURIComponent(q)}`)).expect(200);
  }
});

const breaks = [
  '\r\nSet-Cookie: evil=1\r\n\r\n',
  '\ndata: evil\n\n',
  '\rid: 99999\r\r',
  'a\u2028b\u2029c\u0085d',
  '\nevent: evil\ndata: {}\n\n',
  '"}\n\n',
  '</script><script>alert(1)</script>',
];

test('texts that look like lines stay texts, in REST and in the stream', async () => {
  const stream = (await person.post('streams', { type: 'channel', name: 'lines' })).expect(201).body.stream.id;
  const session = (await agent.post('agent-sessions', { streamId: stream })).expect(201).body.session.id;
  const events = await openEvents(person, [`stream:${stream}`, `session:${session}`]);
  await events.wait('ready');
  const written = [];
  for (const text of breaks) {
    const message = (await person.post(`streams/${stream}/messages`, { content: text })).expect(201).body.message;
    assert.equal(message.content, text);
    const step = await agent.post(`agent-sessions/${session}/steps`, {
      stepType: 'tool_call',
      name: text,
      content: { tool: text, [text]: text },
      completed: true,
      sources: [{ type: 'document', title: text, snippet: text }],
    });
    assert.equal(step.expect(201).body.step.name, text);
    const open = (await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking' })).expect(201).body.step
      .id;
    (await agent.post(`agent-sessions/${session}/steps/${open}/progress`, { content: text })).expect(202);
    (
      await agent.post(`agent-sessions/${session}/steps/${open}/complete`, {
        error: { code: text.slice(0, 20), message: text },
      })
    ).expect(200);
    assert.ok((await person.post('streams', { type: 'channel', name: text })).status < 500);
    assert.equal(
      (await agent.post(`agent-sessions/${session}/steps`, { stepType: text })).expect(400).code,
      'invalid_body',
    );
    written.push(text);
  }
  (await agent.post(`agent-sessions/${session}/fail`, { error: { code: 'x', message: breaks[0] } })).expect(200);
  await events.wait('agent_session:failed');
  assert.deepEqual(events.violations, []);
  assert.deepEqual(
    [...new Set(events.events.map(({ type }) => type))].filter((type) => /evil/.test(type)),
    [],
  );
  const contents = events.events
    .filter(({ type }) => type === 'message:created')
    .map(({ data }) => data.message.content);
  assert.deepEqual(
    contents.filter((text) => breaks.includes(text)),
    written,
  );
  events.close();
});

test('nothing in the address of a stream reaches a header or a line', async () => {
  const credential = `Authorization: Bearer ${agent.token}\r\n`;
  const base = `/api/workspaces/${ids.ws}/events`;
  const room = `room=stream:${instance.env.TRACE_STREAM}`;
  const ask = (query, header = '') =>
    exchange(instance.port, `GET ${base}${query} HTTP/1.0\r\nHost: x\r\n${credential}${header}\r\n`).then(
      ([reply]) => reply,
    );
  for (const query of [
    `?${room}%0d%0aX-Evil:%201`,
    `?${room}~0~0`,
    `?${room}%26principal=usr_x`,
    `?${room}&room=user:me%0aevil`,
    `?${room}&room=${room.slice(5)}`,
    '?room=',
    '?',
    '?room=user:usr_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    '?room=stream:*',
    `?${`${room}&`.repeat(7)}`,
    '?room=internal:x',
    `?room=stream:${instance.env.TRACE_STREAM}/../x`,
    `?room=${'x'.repeat(4000)}`,
  ]) {
    const reply = await ask(query);
    assert.equal(reply.status, 400, query);
    assert.equal(JSON.parse(reply.text).code, 'invalid_query');
    assert.ok(!reply.lines.some((line) => /evil|principal|~0/i.test(line)));
  }
  for (const position of ['1\nid: 9', '-1', '9'.repeat(30), '1.2', 'x', '1~2', '0&principal=x', "'"]) {
    const reply = await exchange(
      instance.port,
      `GET ${base}?${room}&lastEventId=${encodeURIComponent(position)} HTTP/1.1\r\nHost: x\r\n${credential}\r\n`,
      { until: 'event: reset' },
    );
    assert.match(reply.text, /^event: reset\ndata: \{"room":"stream:str_/m, position);
    assert.doesNotMatch(reply.text, /^(id: 9$|evil|principal)/m);
  }
  const odd = await openEvents(agent.with({ headers: { 'last-event-id': 'x'.repeat(6000) } }), [room.slice(5)]);
  assert.equal((await odd.wait('reset')).data.room, room.slice(5));
  assert.deepEqual(odd.violations, []);
  odd.close();
});
