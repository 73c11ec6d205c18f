// SPDX-License-Identifier: Apache-2.0
// Langfuse 5: observations, which are OpenTelemetry spans.
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { startActiveObservation } from '@langfuse/tracing';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { USAGE, run, runByHand } from '../../agent.mjs';

const provider = new NodeTracerProvider({ spanProcessors: [new LangfuseSpanProcessor()] });
provider.register();
const asType = { agent: 'agent', model: 'generation', tool: 'tool' };
const record = (kind, name, input, work) =>
  startActiveObservation(
    name,
    async (observation) => {
      observation.update({ input, ...(kind === 'model' && { model: name }) });
      try {
        const output = await work();
        observation.update({ output, ...(kind === 'model' && { usageDetails: USAGE }) });
        return output;
      } catch (error) {
        observation.update({ level: 'ERROR', statusMessage: error.message });
        throw error;
      }
    },
    { asType: asType[kind] },
  );
await run(
  () => runByHand(record),
  () => provider.shutdown(),
);
