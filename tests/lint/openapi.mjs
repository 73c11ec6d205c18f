// SPDX-License-Identifier: Apache-2.0
// Validates docs/openapi.yaml by Redocly's rules, which include every example against its schema, without the network.
// Prints one problem a line and exits with 1 if there are any.
import { fileURLToPath } from 'node:url';
import redocly from './tools/node_modules/@redocly/openapi-core/lib/index.js';

const ref = fileURLToPath(new URL('../../docs/openapi.yaml', import.meta.url));
const config = await redocly.createConfig({
  extends: ['recommended-strict'],
  rules: {
    // The sample server is local on purpose, and not every call can go wrong by its request.
    'no-server-example.com': 'off',
    'operation-4xx-response': 'off',
    'no-unused-components': 'error',
    'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
  },
});
const problems = await redocly.lint({ ref, config });
for (const { ruleId, message, location } of problems)
  console.log(`docs/openapi.yaml: ${location?.[0]?.pointer ?? ''}: ${message.replaceAll('\n', ' ')} (${ruleId})`);
process.exitCode = problems.length > 0 ? 1 : 0;
