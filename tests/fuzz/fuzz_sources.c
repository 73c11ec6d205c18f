// SPDX-License-Identifier: Apache-2.0
// Sources: what is printed of them is read again and printed the same, with the same keys.
#include "cgi/body.h"
#include "cgi/sources.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r = {0}, second = {0};
    struct str printed, keys, printed_again, keys_again;
    struct buf body = {0};

    if (body_parse(&r, (struct str){(const char *)data, size}, &r.body) ||
        sources_read(&r, r.body, "sources", &printed, &keys) || !printed.p)
        goto out;
    buf_lit(&body, "{\"sources\":");
    buf_str(&body, printed);
    buf_char(&body, '}');
    int failed = body_parse(&second, buf_view(&body), &second.body);
    assert(!failed);
    failed = sources_read(&second, second.body, "sources", &printed_again, &keys_again);
    assert(!failed && str_eq(printed, printed_again) && str_eq(keys, keys_again));
    assert(json_array_size(json_object_get(second.body, "sources")) <= SOURCES_MAX);
out:
    buf_fini(&body);
    request_fini(&second);
    request_fini(&r);
    return 0;
}
