/* What a model streams: lines of the input are the chunks of one answer, which stays within its bounds. */
#include <stdint.h>
#include <string.h>

#include "agent/chunk.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chunk_answer answer = {0};
    const char *p = (const char *)data, *end = p + size;

    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = stop != NULL ? (size_t)(stop - p) : (size_t)(end - p);

        if (chunk_take(&answer, p, n) == CHUNK_TOO_LARGE)
            break;
        assert(answer.content.n <= CHUNK_TEXT_MAX && answer.reasoning.n <= CHUNK_TEXT_MAX);
        p += n + 1;
    }
    assert(answer.call_count <= CHUNK_TOOL_CALLS_MAX);
    assert(answer.input_tokens >= 0 && answer.output_tokens >= 0 && answer.reasoning_tokens >= 0);
    assert(memchr(answer.model, '\0', sizeof answer.model) && memchr(answer.error, '\0', sizeof answer.error));
    (void)chunk_is_finished(&answer);
    chunk_fini(&answer);
    return 0;
}
