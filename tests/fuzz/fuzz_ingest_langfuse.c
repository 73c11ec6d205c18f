// SPDX-License-Identifier: Apache-2.0
// Events of Langfuse 3.
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(DELIVERY_LANGFUSE, "application/json", NULL, data, size);
    return 0;
}
