// SPDX-License-Identifier: Apache-2.0
// Repaired JSON: lines of the input are documents of one stream. What a strict reader takes already means the same
// afterwards; what comes out of strings is well-formed.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/model/repair.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check(struct str line)
{
    struct repair repair = {0}, again = {0};
    struct buf once = {0}, twice = {0};
    json_t *before = json_loadb(line.p, line.n, 0, NULL);
    repair_json(&repair, line, &once);
    json_t *after = json_loadb(buf_cstr(&once), once.n, 0, NULL);
    assert(!before || json_equal(before, after));
    repair_json(&again, buf_view(&once), &twice);
    assert(!before || str_eq(buf_view(&once), buf_view(&twice)));
    json_decref(before);
    json_decref(after);
    buf_fini(&once);
    buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct repair repair = {0};
    struct str rest = {(const char *)data, size};
    while (rest.p) {
        struct str line = str_cut(&rest, '\n');
        struct buf out = {0};
        check(line);
        repair_json(&repair, line, &out);
        buf_fini(&out);
    }
    return 0;
}
