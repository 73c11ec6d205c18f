// SPDX-License-Identifier: Apache-2.0
// Bodies in gzip: what is inflated goes on as OTLP.
#include "ingest/otlp.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(&otlp_traces, "application/x-protobuf", "gzip", data, size);
    return 0;
}
