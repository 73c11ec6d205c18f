// SPDX-License-Identifier: Apache-2.0
// The parser of event streams against fixtures, written after the standard's rules and examples, fed whole, cut in two
// at every byte, and byte by byte. NAME.events says what must come out: name, last event ID, data; or "retry N".
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sse.h"
#include "base/buf.h"

#define EVENT_MAX 4096

struct listener {
    struct sse *sse;
    struct buf heard;
    int answer; // what on_event returns
};

static int hear_event(void *arg, const struct sse_event *event)
{
    struct listener *listener = arg;
    buf_printf(&listener->heard, "%s\t%s\t", event->name, sse_last_id(listener->sse));
    for (size_t i = 0; i < event->data_len; i++)
        buf_str(&listener->heard, str_from(event->data[i] == '\n' ? "\\n" : (char[]){event->data[i], '\0'}));
    buf_char(&listener->heard, '\n');
    return listener->answer;
}

static void hear_retry(void *arg, long ms)
{
    struct listener *listener = arg;
    buf_printf(&listener->heard, "retry %ld\n", ms);
}

static void listener_init(struct listener *listener, size_t max)
{
    struct sse_sink sink = {.on_event = hear_event, .on_retry = hear_retry, .arg = listener};
    *listener = (struct listener){0};
    listener->sse = sse_new(&sink, max);
}

static void listener_fini(struct listener *listener)
{
    sse_free(listener->sse);
    buf_fini(&listener->heard);
}

static struct buf read_file(const char *path)
{
    struct buf content = {0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    int c;
    while ((c = getc(file)) != EOF)
        buf_char(&content, (char)c);
    fclose(file);
    return content;
}

// Each piece in a buffer of its own size, so that a sanitizer sees a read beyond it.
static int feed(struct sse *sse, const char *p, size_t n)
{
    char *copy = mem_zero(n);
    memcpy(copy, p, n);
    int result = sse_feed(sse, copy, n);
    free(copy);
    return result;
}

static void expect_split(struct buf *stream, struct buf *events, size_t at)
{
    struct listener listener;
    listener_init(&listener, EVENT_MAX);
    assert_int_equal(feed(listener.sse, stream->p, at), 0);
    assert_int_equal(feed(listener.sse, stream->p + at, stream->n - at), 0);
    assert_string_equal(buf_cstr(&listener.heard), buf_cstr(events));
    listener_fini(&listener);
}

static void expect_bytewise(struct buf *stream, struct buf *events)
{
    struct listener listener;
    listener_init(&listener, EVENT_MAX);
    for (size_t i = 0; i < stream->n; i++)
        assert_int_equal(feed(listener.sse, stream->p + i, 1), 0);
    assert_string_equal(buf_cstr(&listener.heard), buf_cstr(events));
    listener_fini(&listener);
}

static void fixtures_at_every_split(void **state)
{
    (void)state;
    glob_t found;
    assert_int_equal(glob(FIXTURES "/*.stream", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 15);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct buf stream = read_file(found.gl_pathv[i]), path = {0};
        buf_printf(&path, "%.*sevents", (int)(strlen(found.gl_pathv[i]) - 6), found.gl_pathv[i]);
        struct buf events = read_file(buf_cstr(&path));
        for (size_t at = 0; at <= stream.n; at++)
            expect_split(&stream, &events, at);
        expect_bytewise(&stream, &events);
        buf_fini(&stream);
        buf_fini(&path);
        buf_fini(&events);
    }
    globfree(&found);
}

static void bounds_hold(void **state)
{
    static const char data[] = "data: 0123456789\n";
    int result = 0;
    (void)state;
    char line[100];
    memset(line, 'x', sizeof line);
    struct listener listener;
    listener_init(&listener, 64);
    assert_int_equal(sse_feed(listener.sse, line, 64), 0);
    assert_int_equal(sse_feed(listener.sse, line, 1), SSE_TOO_LONG);
    listener_fini(&listener);

    // Many short lines are one long event.
    listener_init(&listener, 64);
    for (int i = 0; i < 10 && result == 0; i++)
        result = sse_feed(listener.sse, data, sizeof data - 1);
    assert_int_equal(result, SSE_TOO_LONG);
    listener_fini(&listener);
}

static void sink_can_stop(void **state)
{
    static const char stream[] = "data: 1\n\ndata: 2\n\n";
    (void)state;
    struct listener listener;
    listener_init(&listener, 64);
    listener.answer = 7;
    assert_int_equal(sse_feed(listener.sse, stream, sizeof stream - 1), 7);
    assert_string_equal(buf_cstr(&listener.heard), "message\t\t1\n");
    listener_fini(&listener);
}

static void restart_keeps_only_the_id(void **state)
{
    static const char first[] = "id: 5\ndata: a\n\nid: 6\nevent: x\ndata: half";
    static const char second[] = "\xEF\xBB\xBF"
                                 "data: b\n\n";
    (void)state;
    struct listener listener;
    listener_init(&listener, 64);
    assert_int_equal(sse_feed(listener.sse, first, sizeof first - 1), 0);
    sse_restart(listener.sse);
    assert_string_equal(sse_last_id(listener.sse), "5");
    assert_int_equal(sse_feed(listener.sse, second, sizeof second - 1), 0);
    assert_string_equal(buf_cstr(&listener.heard), "message\t5\ta\nmessage\t5\tb\n");
    listener_fini(&listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixtures_at_every_split),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(sink_can_stop),
        cmocka_unit_test(restart_keeps_only_the_id),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
