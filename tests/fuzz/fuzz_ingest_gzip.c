// SPDX-License-Identifier: Apache-2.0
// Bodies in gzip: what is inflated goes on as OTLP.
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(DELIVERY_OTLP_TRACES, "application/x-protobuf", "gzip", data, size);
    return 0;
}
