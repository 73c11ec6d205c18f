// SPDX-License-Identifier: Apache-2.0
// Events of Langfuse 3.
#include "ingest/langfuse.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(&langfuse_events, "application/json", NULL, data, size);
    return 0;
}
