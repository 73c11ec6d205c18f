// SPDX-License-Identifier: Apache-2.0
// A room's name: what is understood is, printed again, the same bytes, and safe in JSON, a URL and an SSE line.
#include "tests/fuzz/fuzz.h"
#include "wire/room_name.h"

static void check(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        assert((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr(":._", c));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct room_name name, public;
    struct buf printed = {0};

    if (room_name_parse(text, &name) == 0) {
        check(text);
        room_name_print(&printed, &name);
        assert(str_eq(buf_view(&printed), text));
        int failed = room_name_parse_public(room_name_public(text), &public);
        assert(!failed && public.kind == name.kind);
    } else if (room_name_parse_public(text, &public) == 0) {
        check(text);
        room_name_print(&printed, &public);
        assert(str_eq(buf_view(&printed), text));
    }
    buf_fini(&printed);
    return 0;
}
