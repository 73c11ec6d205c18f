// SPDX-License-Identifier: Apache-2.0
// Items of the OpenAI Agents SDK.
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(DELIVERY_AGENTS, "application/json", NULL, data, size);
    return 0;
}
