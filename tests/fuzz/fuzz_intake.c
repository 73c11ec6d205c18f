// SPDX-License-Identifier: Apache-2.0
// The head of a request: the input's lines are its variables. Whatever they are, what a handler sees is bounded, UTF-8
// and without NUL; and what is percent-encoded is decoded to itself.
#include <stdlib.h>
#include "cgi/intake.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"REQUEST_URI", "REQUEST_METHOD", "HTTP_AUTHORIZATION", "HTTP_COOKIE",
                                    "HTTP_LAST_EVENT_ID"};
enum { NAMES = sizeof names / sizeof names[0] };

struct input {
    struct exchange exchange; // first
    char *values[NAMES];
};

static const char *variable(struct exchange *x, const char *name)
{
    for (int i = 0; i < NAMES; i++)
        if (strcmp(names[i], name) == 0)
            return ((struct input *)x)->values[i];
    return NULL;
}

static const struct exchange_ops ops = {.variable = variable};

static void check_text(struct str text)
{
    assert(utf8_valid(text) && (text.n == 0 || !memchr(text.p, '\0', text.n)));
}

static void check_request(const struct request *r)
{
    assert(r->queries <= REQUEST_QUERY_MAX && r->method < METHOD__MAX);
    check_text(r->path);
    for (int i = 0; i < r->queries; i++) {
        check_text(r->query[i].name);
        check_text(r->query[i].value);
    }
    for (size_t i = 0; i < r->secret.n; i++)
        assert(r->secret.p[i] > ' ' && r->secret.p[i] < 0x7f && !strchr("\"'\\;,", r->secret.p[i]));
}

static void check_decoding(struct str text)
{
    struct buf encoded = {0}, decoded = {0};
    for (size_t i = 0; i < text.n; i++)
        buf_printf(&encoded, "%%%02x", (unsigned char)text.p[i]);
    bool is_text = utf8_valid(text) && (text.n == 0 || !memchr(text.p, '\0', text.n));
    assert((intake_decode(&decoded, buf_view(&encoded), true) == 0) == is_text);
    assert(!is_text || str_eq(buf_view(&decoded), text));
    buf_fini(&encoded);
    buf_fini(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.exchange = {&ops}};
    struct request r = {0};
    struct str rest = {(const char *)data, size};

    check_decoding(rest);
    for (int i = 0; i < NAMES && rest.p; i++)
        input.values[i] = mem_dup(str_cut(&rest, '\n'));
    if (!input.values[1])
        input.values[1] = mem_dup(STR("GET"));
    int status = intake_head(&r, &input.exchange, false);
    assert(status == 0 || ((status == 400 || status == 404 || status == 405) && r.is_problem));
    if (status == 0)
        check_request(&r);
    request_fini(&r);
    for (int i = 0; i < NAMES; i++)
        free(input.values[i]);
    return 0;
}
