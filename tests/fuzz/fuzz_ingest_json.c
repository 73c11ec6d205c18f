// SPDX-License-Identifier: Apache-2.0
// One value as clients send it: what is read is printed as strict JSON, and what is printed is read as the same again.
#include "ingest/value.h"
#include "ingest/redact.h"
#include "tests/fuzz/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once = {0}, twice = {0}, redacted = {0};
    int64_t replaced = 0, replaced_again = 0;
    struct json_object *value = value_read((struct str){(const char *)data, size}, &replaced);
    if (!value)
        return 0;
    value_print(&once, value, NULL, NULL);
    value_print(&redacted, value, redact_text, redact_is_private);
    check_json(buf_view(&once), SIZE_MAX);
    check_json(buf_view(&redacted), SIZE_MAX);
    struct json_object *again = value_read(buf_view(&once), &replaced_again);
    assert(again && replaced_again == 0);
    value_print(&twice, again, NULL, NULL);
    assert(str_eq(buf_view(&once), buf_view(&twice)));
    value_free(value);
    value_free(again);
    buf_fini(&once);
    buf_fini(&twice);
    buf_fini(&redacted);
    return 0;
}
