// SPDX-License-Identifier: Apache-2.0
// LangSmith in JSON, as a batch and as one run.
#include "ingest/langsmith.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(&langsmith_batch, "application/json", NULL, data, size);
    deliver(&langsmith_run, "application/json", NULL, data, size);
    return 0;
}
