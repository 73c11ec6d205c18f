// SPDX-License-Identifier: Apache-2.0
// OTLP in protobuf, as spans and as log records.
#include "ingest/otlp.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(&otlp_traces, "application/x-protobuf", NULL, data, size);
    deliver(&otlp_logs, "application/x-protobuf", NULL, data, size);
    return 0;
}
