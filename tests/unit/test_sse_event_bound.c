// SPDX-License-Identifier: Apache-2.0
// The bound of one event: what is cut, what says so, and snapshots in parts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include "sse/event_bound.h"
#include "sse/frame.h"
#include "sse/step.h"

static void repeat(struct buf *b, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_str(b, str_from(text));
}

// The data of an event with this body, read again.
static json_t *told(struct buf *body)
{
    struct frame *frame = frame_event(7, STR("agent_session:step:completed"), buf_view(body));
    assert_true(frame->n <= EVENT_BOUND_BYTES - 256); // the ids of six rooms take more than that of one
    const char *data = memmem(frame->bytes, frame->n, "data: ", 6);
    assert_non_null(data);
    json_t *root = json_loadb(data + 6, (size_t)(frame->bytes + frame->n - data) - 8, 0, NULL);
    assert_non_null(root);
    frame_unref(frame);
    buf_fini(body);
    return root;
}

static const char *text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void what_fits_is_as_it_was(void **state)
{
    (void)state;
    struct buf body = {0}, out = {0};
    buf_lit(&body, "{\"step\":{\"content\":\"");
    repeat(&body, "x", EVENT_BOUND_DATA_BYTES - body.n - 3);
    buf_lit(&body, "\"}}");
    assert_int_equal(body.n, EVENT_BOUND_DATA_BYTES);
    assert_false(event_bound_cut(&out, buf_view(&body)));
    body.n -= 3;
    buf_lit(&body, "y\"}}");
    assert_true(event_bound_cut(&out, buf_view(&body)));
    assert_true(out.n <= EVENT_BOUND_DATA_BYTES);
    buf_fini(&out);
    buf_fini(&body);
}

static void sources_go_first_and_whole(void **state)
{
    (void)state;
    struct buf body = {0};
    buf_lit(&body, "{\"room\":\"r\",\"seq\":7,\"step\":{\"content\":\"");
    repeat(&body, "c", 16000);
    buf_lit(&body, "\",\"sources\":[");
    for (int i = 0; i < 200; i++)
        buf_printf(&body, "%s{\"title\":\"%d, ]}\\\"\",\"snippet\":\"%0300d\"}", i ? "," : "", i, 0);
    buf_lit(&body, "],\"seq\":7}}");
    json_t *root = told(&body);
    const json_t *step = json_object_get(root, "step"), *sources = json_object_get(step, "sources");
    size_t n = json_array_size(sources);
    assert_true(n > 100 && n < 200);
    assert_string_equal(text_at(json_array_get(sources, 1), "title"), "1, ]}\"");
    assert_true(json_is_true(json_object_get(step, "sourcesTruncated")));
    assert_int_equal(strlen(text_at(step, "content")), 16000);
    assert_null(json_object_get(step, "truncated"));
    assert_int_equal(json_integer_value(json_object_get(step, "seq")), 7);
    json_decref(root);
}

static void a_text_is_cut_between_characters(void **state)
{
    (void)state;
    struct buf body = {0};
    buf_lit(&body, "{\"message\":{\"content\":\"a");
    repeat(&body, "\\u0001\xC2\x85\xF0\x9F\x8E\x89", 10000);
    buf_lit(&body, "\",\"mentions\":[]},\"seq\":7}");
    json_t *root = told(&body);
    const json_t *message = json_object_get(root, "message");
    assert_int_equal(json_integer_value(json_object_get(message, "contentLength")), 1 + 10000 * 7);
    assert_true(json_is_true(json_object_get(message, "truncated")));
    assert_true(strlen(text_at(message, "content")) > 10000);
    assert_int_equal(json_integer_value(json_object_get(root, "seq")), 7);
    json_decref(root);
}

static void what_was_cut_before_says_so_once(void **state)
{
    (void)state;
    struct buf body = {0};
    buf_lit(&body, "{\"step\":{\"content\":\"");
    repeat(&body, "\\u0001", 16384);
    buf_lit(&body, "\",\"contentLength\":99999,\"truncated\":true,\"error\":{\"code\":\"c\",\"message\":\"m\"}}}");
    struct buf out = {0};
    assert_true(event_bound_cut(&out, buf_view(&body)));
    const char *first = memmem(out.p, out.n, "truncated", 9);
    assert_non_null(first);
    assert_null(memmem(first + 9, (size_t)(out.p + out.n - first) - 9, "runcated", 8));
    buf_fini(&out);
    json_t *root = told(&body);
    const json_t *step = json_object_get(root, "step");
    assert_int_equal(json_integer_value(json_object_get(step, "contentLength")), 99999);
    assert_string_equal(text_at(json_object_get(step, "error"), "message"), "m");
    json_decref(root);
}

static void metadata_goes_before_what_people_read(void **state)
{
    (void)state;
    struct buf body = {0};
    buf_lit(&body, "{\"session\":{\"error\":{\"code\":\"c\",\"message\":\"gone\"},\"metadata\":{\"a\":\"");
    repeat(&body, "m", 65000);
    buf_lit(&body, "\"}}}");
    json_t *root = told(&body);
    const json_t *session = json_object_get(root, "session");
    assert_int_equal(json_object_size(json_object_get(session, "metadata")), 0);
    assert_true(json_is_true(json_object_get(session, "metadataTruncated")));
    assert_string_equal(text_at(json_object_get(session, "error"), "message"), "gone");
    json_decref(root);
}

// Adds up a stream of events: each event fits, and their data are handed to `each`.
static int events_of(const struct frame *frame, void (*each)(void *context, const json_t *data), void *context)
{
    const char *at = frame->bytes, *end = frame->bytes + frame->n;
    int n = 0;
    for (const char *next; at < end; at = next, n++) {
        next = memmem(at, (size_t)(end - at), "\n\n", 2);
        assert_non_null(next);
        next += 2;
        assert_true(next - at <= EVENT_BOUND_BYTES);
        const char *data = memmem(at, (size_t)(next - at), "data: ", 6);
        json_t *root = json_loadb(data + 6, (size_t)(next - data) - 8, 0, NULL);
        assert_non_null(root);
        each(context, root);
        json_decref(root);
    }
    return n;
}

struct parts {
    json_int_t n, parts, next;
};

static void count_part(void *context, const json_t *data)
{
    struct parts *parts = context;
    const json_t *list = json_object_get(data, "activity");
    size_t i;
    json_t *item;
    assert_string_equal(text_at(data, "room"), "r");
    assert_int_equal(json_integer_value(json_object_get(data, "part")), ++parts->n);
    parts->parts = json_integer_value(json_object_get(data, "parts"));
    json_array_foreach(list, i, item)
    {
        const json_t *session = json_object_get(item, "session");
        assert_int_equal(json_integer_value(json_object_get(session, "n")), parts->next++);
        // One of them is too long by itself.
        assert_int_equal(json_is_true(json_object_get(session, "metadataTruncated")), parts->next == 6);
    }
}

static void a_long_snapshot_comes_in_parts(void **state)
{
    (void)state;
    struct buf body = {0};
    buf_lit(&body, "{\"room\":\"r\",\"activity\":[");
    for (int i = 0; i < 40; i++)
        buf_printf(&body, "%s{\"session\":{\"n\":%d,\"metadata\":{\"a\":\"%0*d\"}}}", i ? "," : "", i,
                   i == 5 ? 62000 : 9000, 0);
    buf_lit(&body, "]}");
    struct frame *frame = frame_snapshot(STR("s"), buf_view(&body));
    struct parts parts = {0};
    int n = events_of(frame, count_part, &parts);
    assert_int_equal(n, parts.parts);
    assert_int_equal(parts.n, parts.parts);
    assert_int_equal(parts.next, 40);
    assert_true(parts.parts >= 6 && parts.parts <= 9);
    frame_unref(frame);
    buf_fini(&body);
    frame = frame_snapshot(STR("s"), STR("{\"room\":\"r\",\"streams\":[]}"));
    assert_memory_equal(frame->bytes, "event: s\ndata: {\"room\":\"r\",\"streams\":[]}\n\n", frame->n);
    frame_unref(frame);
}

static void add_text(void *context, const json_t *data)
{
    struct buf *text = context;
    const char *content = text_at(data, "content"), *delta = text_at(data, "delta");
    assert_true(text->n == 0 ? content && !delta : delta && !content);
    if (delta)
        assert_int_equal(json_integer_value(json_object_get(data, "offset")), text->n);
    buf_str(text, str_from(content ? content : delta));
}

static void a_long_text_comes_as_content_and_deltas(void **state)
{
    (void)state;
    struct step *step = step_new(NULL, STR("stp"), 1);
    struct buf text = {0}, wanted = {0};
    repeat(&step->text.escaped, "ab\\n\xE2\x80\xA8\xF0\x9F\x8E\x89\\u0001", 20000);
    repeat(&wanted, "ab\n\xE2\x80\xA8\xF0\x9F\x8E\x89\x01", 20000);
    int n = events_of(step_whole(step, STR("session:ses")), add_text, &text);
    assert_int_equal(n, (20000 * (2 + 2 + 6 + 4 + 6) + EVENT_BOUND_DATA_BYTES) / EVENT_BOUND_DATA_BYTES);
    assert_int_equal(text.n, wanted.n);
    assert_memory_equal(text.p, wanted.p, wanted.n);
    buf_fini(&text);
    buf_fini(&wanted);
    step_unref(step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_as_it_was),
        cmocka_unit_test(sources_go_first_and_whole),
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test(what_was_cut_before_says_so_once),
        cmocka_unit_test(metadata_goes_before_what_people_read),
        cmocka_unit_test(a_long_snapshot_comes_in_parts),
        cmocka_unit_test(a_long_text_comes_as_content_and_deltas),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
