// SPDX-License-Identifier: Apache-2.0
// The agent's event stream parser: whatever comes, cut where the first byte says, gives what it gives in one piece.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sse.h"
#include "tests/fuzz/fuzz.h"
#include "base/buf.h"

#define EVENT_MAX 256

static int hear_event(void *arg, const struct sse_event *event)
{
    buf_printf(arg, "%s|", event->name);
    buf_bytes(arg, event->data, event->data_len);
    buf_char(arg, '\n');
    return 0;
}

static void hear_retry(void *arg, long ms)
{
    buf_printf(arg, "retry %ld\n", ms);
}

// What is heard, and the last id, of the pieces of `step` bytes.
static int hear(const char *p, size_t n, size_t step, struct buf *heard)
{
    struct sse_sink sink = {.on_event = hear_event, .on_retry = hear_retry, .arg = heard};
    struct sse *sse = sse_new(&sink, EVENT_MAX);
    int result = 0;
    for (size_t at = 0; at < n && result == 0; at += step)
        result = sse_feed(sse, p + at, n - at < step ? n - at : step);
    buf_str(heard, str_from(sse_last_id(sse)));
    sse_free(sse);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = {0}, cut = {0};
    const char *p = (const char *)data + 1;
    if (size < 2)
        return 0;
    if (hear(p, size - 1, size, &whole) != hear(p, size - 1, (size_t)data[0] % 7 + 1, &cut))
        abort();
    if (whole.n != cut.n || memcmp(whole.p, cut.p, whole.n) != 0)
        abort();
    buf_fini(&whole);
    buf_fini(&cut);
    return 0;
}
