// SPDX-License-Identifier: Apache-2.0
// LangSmith in JSON, as a batch and as one run.
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(DELIVERY_LANGSMITH_BATCH, "application/json", NULL, data, size);
    deliver(DELIVERY_LANGSMITH_RUN, "application/json", NULL, data, size);
    return 0;
}
