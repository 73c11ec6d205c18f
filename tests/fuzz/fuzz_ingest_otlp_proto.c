// SPDX-License-Identifier: Apache-2.0
// OTLP in protobuf, as spans and as log records.
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(DELIVERY_OTLP_TRACES, "application/x-protobuf", NULL, data, size);
    deliver(DELIVERY_OTLP_LOGS, "application/x-protobuf", NULL, data, size);
    return 0;
}
