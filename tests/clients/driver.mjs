// SPDX-License-Identifier: Apache-2.0
// Runs a scenario (scenarios.mjs) with clients/js and prints what happened, a line an event, as driver.py and driver.c do.
import { setTimeout as sleep } from 'node:timers/promises';
import { TraceEmitter } from '../../clients/js/src/index.js';

const scenario = JSON.parse(process.argv[2]);
const say = (...words) => process.stdout.write(words.join(' ') + '\n');

const emitter = new TraceEmitter({
  ...scenario.config,
  onLog: (level, line) => say('log', level, line),
  onEnded: (id, status) => say('ended', id, status),
});

async function runStep(session, i) {
  const step = session.startStep({ type: 'thinking' });
  say('start', await step.started);
  say('step', session.id, step.id);
  for (let k = 0; k < scenario.words; k++) {
    step.progress({ delta: `${i}.${k} 🧵 ` });
    await sleep(scenario.pauseMs);
  }
  const sources = [{ type: 'web', title: 'Weaving', url: 'https://weaving.example/a b' }];
  await session.record({ type: 'tool_call', parent: step, content: { tool: 'loom' } }, { sources });
  await step.complete({ usage: { model: 'none', inputTokens: 3, outputTokens: scenario.words } });
}

async function runSession() {
  const session = await emitter.forSession({ title: 'Scenario', streamId: scenario.streamId });
  say('session', session.id);
  for (let i = 0; i < scenario.steps; i++) await runStep(session, i);
  for (let i = 0; i < scenario.whole; i++) session.record({ type: 'thinking', content: `whole ${i}` });
  if (scenario.ask) {
    const { question, options, timeoutS } = scenario.ask;
    const {
      result,
      option = '',
      decidedBy,
      note = '',
    } = await session.ask({ question, options, timeoutMs: timeoutS * 1000 });
    say('answer', result, option, decidedBy?.id ?? '', note);
  }
  if (scenario.until === 'ended') {
    while (!session.ended) await sleep(10);
    return;
  }
  say('complete', await session.notifyCompleted());
}

await Promise.all(Array.from({ length: scenario.sessions }, runSession));
say('flush', JSON.stringify(await emitter.flush(120_000)));
say('stats', JSON.stringify(emitter.stats()));
