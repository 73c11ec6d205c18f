// SPDX-License-Identifier: Apache-2.0
// The mask of keys: cut anywhere, the same as whole; and never longer than what went in by more than its own text.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/mask.h"
#include "tests/fuzz/fuzz.h"
#include "base/buf.h"

static void feed(const char *p, size_t n, size_t step, struct buf *out)
{
    struct mask *mask = mask_new();
    for (size_t at = 0; at < n; at += step)
        mask_feed(mask, p + at, n - at < step ? n - at : step, out);
    mask_finish(mask, out);
    mask_free(mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = {0}, cut = {0};
    if (size < 2)
        return 0;
    feed((const char *)data + 1, size - 1, size, &whole);
    feed((const char *)data + 1, size - 1, (size_t)data[0] % 7 + 1, &cut);
    if (whole.n != cut.n || memcmp(buf_cstr(&whole), buf_cstr(&cut), whole.n) != 0)
        abort();
    buf_fini(&whole);
    buf_fini(&cut);
    return 0;
}
