// SPDX-License-Identifier: Apache-2.0
// The demo model's HTTP: a request that was whole stays the same one when more bytes come.
#include "agent/demo/request.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *p = (const char *)data + 2;
    size_t n = size - 2, part = (size_t)(data[0] << 8 | data[1]) % (n + 1);
    struct request whole, early;
    enum request_result result = request_parse(p, n, &whole);
    enum request_result at_first = request_parse(p, part, &early);

    assert(at_first == REQUEST_MORE || at_first == result);
    if (result == REQUEST_WHOLE) {
        assert(whole.used <= n && whole.body.n <= REQUEST_BODY_MAX && whole.body.n <= n);
        assert(at_first == REQUEST_MORE || (early.used == whole.used && early.body.n == whole.body.n));
    }
    request_fini(&whole);
    request_fini(&early);
    return 0;
}
