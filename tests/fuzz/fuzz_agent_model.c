// SPDX-License-Identifier: Apache-2.0
// What a model streams: whatever comes, cut where the first byte says, gives the reply that it gives in one piece; the
// reply stays within its bounds and is text that may be sent as JSON.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/model/events.h"
#include "agent/model/reply.h"
#include "agent/model/thinking.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

#define EVENT_MAX_BYTES 65536

static int take(void *arg, const char *name, struct str data)
{
    struct trouble trouble = {0};
    enum reply_taken taken = reply_take(arg, name, data, &trouble);
    assert(memchr(trouble.words, '\0', sizeof trouble.words) && utf8_valid(str_from(trouble.words)));
    return taken == REPLY_TROUBLE || taken == REPLY_TOO_LARGE;
}

static int read_stream(struct str bytes, size_t step, struct reply *reply)
{
    const struct events_sink sink = {.on_event = take, .arg = reply};
    struct events *events = events_new(&sink, EVENT_MAX_BYTES);
    int result = 0;
    for (size_t at = 0; at < bytes.n && result == 0; at += step)
        result = events_feed(events, (struct str){bytes.p + at, bytes.n - at < step ? bytes.n - at : step});
    if (result == 0)
        result = events_finish(events);
    events_free(events);
    return result;
}

static void check(struct reply *reply, const json_t *tools)
{
    enum written written = reply_settle(reply, tools, false);
    assert(reply->calls.count <= CALLS_MAX);
    assert(written != WRITTEN_CALLS || reply->content.n == 0);
    assert(utf8_valid(buf_view(&reply->content)) && utf8_valid(buf_view(&reply->reasoning)));
    assert(reply->input_tokens >= 0 && reply->output_tokens >= 0 && reply->reasoning_tokens >= 0);
    (void)reply_is_empty(reply);
}

static void hear(void *arg, bool is_thought, struct str text)
{
    struct buf *out = arg;
    buf_str(&out[is_thought], text);
}

// The thinking that is shown while it comes is a part of what it is in the end.
static void check_growth(struct buf *content, size_t step)
{
    struct buf shown[2] = {0};
    struct thinking thinking = {0};
    const struct thinking_sink sink = {.on_text = hear, .arg = shown};
    for (size_t at = 0; at < content->n; at += step)
        thinking_feed(&thinking, (struct str){content->p + at, content->n - at < step ? content->n - at : step}, &sink);
    thinking_finish(&thinking, &sink);
    assert(shown[0].n + shown[1].n <= content->n);
    buf_fini(&shown[0]);
    buf_fini(&shown[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reply whole = {0}, cut = {0};
    if (size < 2)
        return 0;
    struct str bytes = {(const char *)data + 1, size - 1};
    size_t step = (size_t)data[0] % 7 + 1;
    json_t *tools = json_pack("[{s:{s:s}}]", "function", "name", "workspace_search");
    assert(read_stream(bytes, size, &whole) == read_stream(bytes, step, &cut));
    assert(str_eq(buf_view(&whole.content), buf_view(&cut.content)));
    assert(str_eq(buf_view(&whole.reasoning), buf_view(&cut.reasoning)) && whole.calls.count == cut.calls.count);
    check_growth(&whole.content, step);
    check(&whole, tools);
    reply_fini(&whole);
    reply_fini(&cut);
    json_decref(tools);
    return 0;
}
