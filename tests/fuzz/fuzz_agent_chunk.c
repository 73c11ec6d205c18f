/* What a model streams: lines of the input are the chunks of one answer. */
#include <stdint.h>
#include <string.h>

#include "agent/chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chunk_answer answer = {0};
    const char *p = (const char *)data, *end = p + size;

    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = stop != NULL ? (size_t)(stop - p) : (size_t)(end - p);

        if (chunk_take(&answer, p, n) == CHUNK_TOO_LARGE)
            break;
        p += n + 1;
    }
    (void)chunk_is_finished(&answer);
    chunk_fini(&answer);
    return 0;
}
