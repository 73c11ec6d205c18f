// SPDX-License-Identifier: Apache-2.0
// An application that knows nothing of telemetry: what it is started with does.
import { run } from '../../agent.mjs';
import { main } from './maze.mjs';

await run(main);
