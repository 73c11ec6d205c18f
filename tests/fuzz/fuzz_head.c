// SPDX-License-Identifier: Apache-2.0
// The pusher's request head: a decision does not change when more bytes come, and the target is a path of this request.
#include "sse/head.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct str whole = {(const char *)data + 2, size - 2};
    struct str part = {whole.p, whole.n ? (size_t)(data[0] << 8 | data[1]) % (whole.n + 1) : 0};
    struct head head, early;
    enum head_outcome outcome = head_parse(whole, &head);
    enum head_outcome at_first = head_parse(part, &early);
    struct str target = head.target;

    assert(at_first == HEAD_MORE || at_first == outcome);
    assert(outcome != HEAD_MORE || whole.n < HEAD_MAX);
    if (outcome != HEAD_OK)
        return 0;
    assert(target.n && target.p[0] == '/');
    assert(target.p > whole.p && target.p + target.n <= whole.p + whole.n);
    for (size_t i = 0; i < target.n; i++)
        assert((unsigned char)target.p[i] > ' ' && target.p[i] != 0x7f);
    assert(at_first == HEAD_MORE || (str_eq(early.target, target) && str_eq(early.address, head.address)));
    return 0;
}
