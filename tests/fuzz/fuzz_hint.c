// SPDX-License-Identifier: Apache-2.0
// A hint: what is understood is, packed again, the same bytes.
#include "wire/hint.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str message = {(const char *)data, size};
    struct hint hint;
    struct buf packed = {0};

    if (hint_unpack(&hint, message))
        return 0;
    assert(hint.seq >= 0 && hint.start_seq >= 0 && hint.offset >= 0);
    assert(hint.body.n <= hint_room_for_body(&hint));
    int failed = hint_pack(&packed, &hint);
    assert(!failed && str_eq(buf_view(&packed), message));
    buf_fini(&packed);
    return 0;
}
