// SPDX-License-Identifier: Apache-2.0
// Logfire, which tells of each span when it begins, too.
import { trace } from '@opentelemetry/api';
import * as logfire from '@pydantic/logfire-node';
import { run, runByHand } from '../../agent.mjs';
import { spansOf } from '../../semantic.mjs';

logfire.configure({ serviceName: 'maze', console: false });
await run(
  () => runByHand(spansOf(trace.getTracer('logfire'))),
  () => logfire.shutdown(),
);
