// SPDX-License-Identifier: Apache-2.0
// What handlers_python.py and the README's first trace of clients/python record, read back from an instance.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

let instance, person;
before(async () => {
  instance = await start();
  person = await personOf(instance);
});
after(() => instance?.stop());

const env = () => ({ ...process.env, ...instance.env, PYTHONPATH: here('../../clients/python') });

test('the handlers for LangChain and OpenTelemetry, through stand-ins', async () => {
  const { stdout, stderr } = await run('python3', [here('handlers_python.py')], { env: env() });
  // The first export fails on purpose; nothing else is said.
  assert.equal(stderr, 'spans are dropped: the export failed\n');
  const [, id] = /^session (\S+)$/m.exec(stdout);
  const { session, steps } = (await person.get(`agent-sessions/${id}`)).expect(200).body;
  assert.equal(session.title, 'How is it made?');
  assert.equal(session.status, 'completed');
  assert.equal(session.usage.inputTokens, 10);
  assert.deepEqual(
    steps.map((step) => [step.stepType, step.name, step.status, steps.findIndex((s) => s.id === step.parentStepId)]),
    [
      ['group', 'think', 'completed', -1],
      ['generation', 'none', 'completed', 0],
      ['tool_call', 'search', 'completed', 0],
      ['tool_call', 'visit', 'failed', 0],
      ['retrieval', 'library', 'completed', 0],
    ],
  );
  assert.equal(steps[1].content, 'It is woven.\n\n→ search({})');
  assert.deepEqual(steps[2].content, { tool: 'search', args: { query: 'looms' }, result: 'found looms' });
  assert.deepEqual(steps[3].error, { code: 'ValueError', message: 'no such page' });
  assert.equal(steps[4].sources[0].url, 'https://loom.example/');
  const otel = JSON.parse(/^otel (.*)$/m.exec(stdout)[1]);
  assert.deepEqual(otel, { exports: [[[1, false]], [[2, true]], [[1, true]]], dropped: 1, closed: true });
});

test("the README's first trace runs as it stands", async () => {
  const [, code] = /```python\n([^]*?)```/.exec(readFileSync(here('../../clients/python/README.md'), 'utf8'));
  await run('python3', ['-c', code], { env: env() });
  const [{ id }] = await instance.psql("SELECT id FROM agent_sessions WHERE title = 'Hello'");
  const { session, steps } = (await person.get(`agent-sessions/${id}`)).expect(200).body;
  assert.equal(session.status, 'completed');
  assert.deepEqual(
    steps.map((step) => [step.stepType, step.status, step.content, step.usage]),
    [['thinking', 'completed', 'Say hello.', { outputTokens: 3 }]],
  );
});

test('a program that just ends delivers what it queued', async () => {
  const code = `
from agent_trace import TraceEmitter
session = TraceEmitter(ack_timeout=0).for_session(title="Just ends")
for number in range(50):
    session.record("thinking", content=str(number))
session.notify_completed()
`;
  await run('python3', ['-c', code], { env: env() });
  const [session] = await instance.psql("SELECT id, status FROM agent_sessions WHERE title = 'Just ends'");
  assert.equal(session.status, 'completed');
  const [{ n }] = await instance.psql(`SELECT count(*)::int AS n FROM steps WHERE session_id = '${session.id}'`);
  assert.equal(n, 50);
});

// As Python 3.12 does while a program is ending; 3.11 and 3.13 still make threads then.
test('where no more threads are made, what was queued is delivered by those there are', async () => {
  const code = `
import threading
from agent_trace import TraceEmitter
start = threading.Thread.start
def refuse(thread):
    if thread.name.startswith("agent-trace watch"):
        raise RuntimeError("can't create new thread at interpreter shutdown")
    start(thread)
threading.Thread.start = refuse
session = TraceEmitter(ack_timeout=0).for_session(title="No more threads")
for number in range(3):
    session.record("thinking", content=str(number))
`;
  await run('python3', ['-c', code], { env: env() });
  const [{ n }] = await instance.psql(
    "SELECT count(*)::int AS n FROM steps p JOIN agent_sessions s ON s.id = p.session_id WHERE s.title = 'No more threads'",
  );
  assert.equal(n, 3);
});

test('a tool that returns more than a step takes is kept, cut', async () => {
  const code = `
from agent_trace._runs import Runs
runs = Runs()
runs.start("root", None, None, "A large result")
runs.start("tool", "root", {"type": "tool_call", "name": "read", "content": {"tool": "read"}})
runs.end("tool", content={"tool": "read", "args": {"path": "a"}, "result": "x" * 3_000_000})
runs.end("root")
runs.emitter.flush(60)
`;
  await run('python3', ['-c', code], { env: env() });
  const [{ id }] = await instance.psql("SELECT id FROM agent_sessions WHERE title = 'A large result'");
  const { steps } = (await person.get(`agent-sessions/${id}`)).expect(200).body;
  const { step } = (await person.get(`agent-sessions/${id}/steps/${steps[0].id}`)).expect(200).body;
  assert.equal(step.status, 'completed');
  assert.deepEqual([step.content.tool, step.content.args, step.content.truncated], ['read', { path: 'a' }, true]);
  assert.equal(step.content.result.length, 524288);
});

test('a server below the root of its host is reached, and whoever ends a session twice waits for the first', async () => {
  const code = `
import http.server, threading, urllib.request
from agent_trace import TraceEmitter
import os
seen = set()
class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        seen.add(self.path.split("/api/")[0])
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/complete"):
            held.wait(30)
        request = urllib.request.Request(os.environ["TRACE_URL"] + self.path[len("/trace"):], body, dict(self.headers))
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            self.send_response(answer.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *_):
        pass
held = threading.Event()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
threading.Thread(target=server.serve_forever, daemon=True).start()
emitter = TraceEmitter(url=f"http://127.0.0.1:{server.server_port}/trace/", watch=False)
session = emitter.for_session(title="Below the root")
print(session.notify_completed(timeout=0).name, session.notify_completed(timeout=0).name)
held.set()
print(session.notify_completed(timeout=30).name, seen)
`;
  const { stdout } = await run('python3', ['-c', code], { env: env() });
  assert.equal(stdout, "QUEUED QUEUED\nOK {'/trace'}\n");
});
