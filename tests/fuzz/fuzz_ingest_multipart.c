// SPDX-License-Identifier: Apache-2.0
// LangSmith in parts.
#include "ingest/langsmith.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    deliver(&langsmith_multipart, "multipart/form-data; boundary=--Form", NULL, data, size);
    return 0;
}
