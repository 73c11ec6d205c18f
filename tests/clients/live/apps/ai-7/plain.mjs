// SPDX-License-Identifier: Apache-2.0
// An application that knows nothing of telemetry: what it is started with does.
import { generateText, jsonSchema, stepCountIs, tool } from 'ai';
import { MockLanguageModelV4 as Model } from 'ai/test';
import { runWith } from '../../ai.mjs';

await runWith({ generateText, jsonSchema, Model, stepCountIs, telemetry: () => ({}), tool });
