// SPDX-License-Identifier: Apache-2.0
// Errors of the database: what passes with time is 503 with Retry-After, a defect is 500. Either is logged once, with its
// SQLSTATE and statement and without any of the content; nothing was written, and the next write works.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, person, agent, messages;
before(async () => {
  instance = await start({ env: { TRACE_WORKERS: '4' } });
  person = await personOf(instance);
  agent = agentOf(instance);
  messages = `streams/${instance.env.TRACE_STREAM}/messages`;
});
after(() => instance?.stop());

// The lines of errors that `act` adds to the log.
async function errorsOf(program, act) {
  const errors = () =>
    instance
      .log(program)
      .split('\n')
      .filter((line) => / error /.test(line));
  const before = errors().length;
  await act();
  return errors().slice(before);
}

function isBroken(reply) {
  assert.equal(`${reply.status} ${reply.code}`, '500 internal_error');
}

function isDown(reply) {
  assert.equal(`${reply.status} ${reply.code}`, '503 database_unavailable');
  assert.equal(reply.headers.get('retry-after'), '1');
}

// A trigger raises the error whose SQLSTATE is the message's text.
const raised = {
  XX000: isBroken,
  XX001: isBroken,
  '42P01': isBroken,
  P0001: isBroken,
  53100: isDown,
  53200: isDown,
  58030: isDown,
  '57P03': isDown,
  55006: isBroken,
};

test('each kind of error has its status', async () => {
  await instance.psql(`CREATE FUNCTION fail_as_asked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF new.content ~ '^[0-9A-Z]{5}$' THEN RAISE EXCEPTION 'as asked' USING ERRCODE = new.content, DETAIL = 'a private word'; END IF; RETURN new; END $$;
    CREATE TRIGGER fail_as_asked BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION fail_as_asked()`);
  for (const [state, judge] of Object.entries(raised)) {
    const lines = await errorsOf('workspace-api', async () => judge(await person.post(messages, { content: state })));
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], new RegExp(` error workspace-api\\[\\d+\\]: \\w+ failed: ${state} as asked$`));
  }
  assert.deepEqual(await instance.psql("SELECT content FROM messages WHERE content ~ '^[0-9A-Z]{5}$'"), []);
  await instance.psql('DROP FUNCTION fail_as_asked CASCADE');
  (await person.post(messages, { content: 'XX000' })).expect(201);
});

test('a missing privilege', async () => {
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const steps = `agent-sessions/${session}/steps`;
  const calls = {
    [steps]: { stepType: 'thinking', content: 'x' },
    [`agent-sessions/${session}/batch`]: '{"op":"record","stepType":"thinking"}\n',
    [`agent-sessions/${session}/complete`]: { seenSeq: 1 },
  };
  await instance.psql('REVOKE UPDATE ON agent_sessions FROM trace_app');
  try {
    for (const [path, body] of Object.entries(calls)) {
      const lines = await errorsOf('trace-api', async () => isBroken(await agent.post(path, body)));
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.match(lines[0], /: \w+ failed: 42501 permission denied for table agent_sessions$/);
    }
  } finally {
    await instance.psql('GRANT UPDATE ON agent_sessions TO trace_app');
  }
  for (const [path, body] of Object.entries(calls)) assert.ok((await agent.post(path, body)).status < 300, path);
  assert.deepEqual(
    (await agent.get(`agent-sessions/${session}`)).expect(200).body.steps.map(({ status }) => status),
    ['interrupted', 'completed'],
  );
});

test('for an EventSource it is an event, since any other status would be final', async () => {
  await instance.psql('REVOKE SELECT ON streams FROM trace_app');
  try {
    const stream = await openEvents(person, [`stream:${instance.env.TRACE_STREAM}`]);
    await stream.ended;
    assert.equal(stream.status, 200);
    assert.deepEqual(
      stream.events.map(({ type }) => type),
      ['unavailable'],
    );
    stream.close();
  } finally {
    await instance.psql('GRANT SELECT ON streams TO trace_app');
  }
});

// Holds the session's row until the returned function is called.
async function lockRow(session) {
  const sql = `BEGIN; SELECT FROM agent_sessions WHERE id = '${session}' FOR UPDATE; SELECT pg_sleep(60)`;
  const child = execFile('psql', ['-X', '-q', '-d', instance.env.DATABASE_URL, '-c', sql], {
    env: { ...process.env, PGAPPNAME: 'holder' },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await until(
    async () =>
      (await instance.psql("SELECT FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'"))
        .length,
    'the lock',
  );
  return async () => {
    await instance.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'");
    await ended;
  };
}

test('a statement that waits too long, or is cancelled', async () => {
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const step = { stepType: 'thinking', content: 'x' };
  const release = await lockRow(session);
  try {
    const cancelled = await errorsOf('trace-api', async () => {
      const reply = agent.post(`agent-sessions/${session}/steps`, step);
      await until(
        async () =>
          (
            await instance.psql(
              "SELECT pid FROM pg_stat_activity WHERE usename = 'trace_app' AND wait_event_type = 'Lock'",
            )
          ).length,
        'a statement that waits',
      );
      await instance.psql(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'trace_app' AND wait_event_type = 'Lock'",
      );
      isDown(await reply);
    });
    assert.match(cancelled.join('\n'), /: step_start failed: 57014 [^\n]*$/);
    const late = await errorsOf('trace-api', async () =>
      isDown(await agent.post(`agent-sessions/${session}/steps`, step)),
    );
    assert.match(late.join('\n'), /: step_start failed: 55P03 [^\n]*$/);
  } finally {
    await release();
  }
  (await agent.post(`agent-sessions/${session}/steps`, step)).expect(201);
});
