// SPDX-License-Identifier: Apache-2.0
// The hand-over's request and answer: what is accepted is printed as it came.
#include <assert.h>
#include "tests/fuzz/fuzz.h"
#include "wire/handoff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str message = {(const char *)data, size};
    char bytes[HANDOFF_BYTES_MAX];
    struct handoff_request request;
    struct handoff_answer answer;
    if (handoff_request_parse(&request, message) == 0) {
        size_t n = handoff_request_print(&request, bytes);
        assert(str_eq((struct str){bytes, n}, message));
    }
    if (handoff_answer_parse(&answer, message) == 0) {
        handoff_answer_print(&answer, bytes);
        assert(str_eq((struct str){bytes, HANDOFF_ANSWER_BYTES}, message));
    }
    return 0;
}
