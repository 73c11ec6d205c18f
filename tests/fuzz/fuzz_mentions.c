// SPDX-License-Identifier: Apache-2.0
// Mentions: whatever people write becomes an array literal of slugs, each once.
#include "cgi/mentions.h"
#include "tests/fuzz/fuzz.h"

static void check_slug(struct str slug)
{
    assert(slug.n > 0 && slug.n <= 64);
    for (size_t i = 0; i < slug.n; i++)
        assert(strchr("abcdefghijklmnopqrstuvwxyz0123456789-", slug.p[i]) && slug.p[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf literal = {0};
    struct str seen[MENTIONS_MAX];
    int n = 0;

    mentions_print(&literal, (struct str){(const char *)data, size});
    assert(literal.n >= 2 && literal.p[0] == '{' && literal.p[literal.n - 1] == '}');
    struct str rest = {literal.p + 1, literal.n - 2};
    while (rest.p && literal.n > 2) {
        struct str slug = str_cut(&rest, ',');
        check_slug(slug);
        for (int i = 0; i < n; i++)
            assert(!str_eq(seen[i], slug));
        assert(n < MENTIONS_MAX);
        seen[n++] = slug;
    }
    buf_fini(&literal);
    return 0;
}
