// SPDX-License-Identifier: Apache-2.0
// OTLP in JSON, as spans and as log records.
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(DELIVERY_OTLP_TRACES, "application/json", NULL, data, size);
    deliver(DELIVERY_OTLP_LOGS, "application/json; charset=utf-8", NULL, data, size);
    return 0;
}
