// SPDX-License-Identifier: Apache-2.0
// Traces of Genkit.
#include "ingest/genkit.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(&genkit_traces, "application/json", NULL, data, size);
    return 0;
}
