// SPDX-License-Identifier: Apache-2.0
// Items of the OpenAI Agents SDK.
#include "ingest/agents.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(&agents_traces, "application/json", NULL, data, size);
    return 0;
}
