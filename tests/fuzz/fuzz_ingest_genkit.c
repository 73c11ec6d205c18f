// SPDX-License-Identifier: Apache-2.0
// Traces of Genkit.
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(DELIVERY_GENKIT, "application/json", NULL, data, size);
    return 0;
}
