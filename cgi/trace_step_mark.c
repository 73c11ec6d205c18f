// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_step_mark.h"

#include <stdlib.h>
#include "cgi/slice.h"
#include "base/mac.h"

enum { MEMBERS_MAX = 64, KEY_BYTES = 4, MARK_BYTES = 16 };

struct member {
    struct str key, value;
};

// They say which write it is, not what it says.
static const char *const apart[] = {"op", "id", "completed"};
// What redaction may change of a step.
static const char *const fields[] = {"name",  "content", "sources",    "usage",  "error",
                                     "input", "output",  "attributes", "events", "links"};

static bool is_among(const char *const names[], size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_from(names[i])))
            return true;
    return false;
}

static int by_key(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = memcmp(x->key.p, y->key.p, x->key.n < y->key.n ? x->key.n : y->key.n);
    return order ? order : (x->key.n > y->key.n) - (x->key.n < y->key.n);
}

// How many there are that say something; -1: too many.
static int read_members(struct str object, struct member members[static MEMBERS_MAX])
{
    int n = 0;
    struct member m;
    for (size_t at = 0; slice_next(object, &at, &m.key, &m.value);) {
        if (str_eq(m.value, STR("null")) || is_among(apart, sizeof apart / sizeof apart[0], m.key))
            continue;
        if (n == MEMBERS_MAX)
            return -1;
        members[n++] = m;
    }
    if (n > 1)
        qsort(members, (size_t)n, sizeof members[0], by_key);
    return n;
}

static void print_bytes(struct buf *out, const unsigned char *bytes, int n)
{
    for (int i = 0; i < n; i++)
        buf_printf(out, "%02x", bytes[i]);
}

// Which key it is: the same for all lines of a batch.
static struct str key_of(struct request *r)
{
    if (!r->mark_key) {
        struct buf printed = {0};
        unsigned char mac[MAC_BYTES];
        mac_compute(mac, r->secret, STR("key"));
        print_bytes(&printed, mac, KEY_BYTES);
        r->mark_key = request_keep(r, buf_view(&printed));
        buf_fini(&printed);
    }
    return str_from(r->mark_key);
}

// The key, for marks by different ones say nothing of each other, and what was sent, hashed by that key.
static const char *print_mark(struct request *r, const char *id, const struct member *members, int n)
{
    struct buf said = {0}, printed = {0};
    unsigned char mac[MAC_BYTES];
    buf_str(&said, str_from(id));
    for (int i = 0; i < n; i++) {
        buf_char(&said, '\0'); // valid JSON has none
        buf_str(&said, members[i].key);
        buf_char(&said, '\0');
        slice_compact(&said, members[i].value);
    }
    buf_lit(&printed, "\\x");
    buf_str(&printed, key_of(r));
    mac_compute(mac, r->secret, buf_view(&said));
    print_bytes(&printed, mac, MARK_BYTES);
    const char *mark = request_keep(r, buf_view(&printed));
    buf_fini(&said);
    buf_fini(&printed);
    return mark;
}

// The names need no quotes in an array literal.
static const char *print_redacted(struct request *r, const struct member *members, int n)
{
    struct buf names = {0};
    for (int i = 0; i < n; i++) {
        if (!is_among(fields, sizeof fields / sizeof fields[0], members[i].key) ||
            str_eq(slice_member(r->parsed, members[i].key), members[i].value))
            continue;
        buf_char(&names, names.n ? ',' : '{');
        buf_str(&names, members[i].key);
    }
    if (names.n)
        buf_char(&names, '}');
    const char *printed = names.n ? request_keep(r, buf_view(&names)) : NULL;
    buf_fini(&names);
    return printed;
}

void trace_step_mark(struct request *r, const char *id, struct store_step_mark *mark)
{
    struct member members[MEMBERS_MAX];
    int n = read_members(r->received, members);
    *mark = (struct store_step_mark){0};
    if (n < 0)
        return;
    mark->mark = print_mark(r, id, members, n);
    if (r->parsed.p != r->received.p)
        mark->redacted = print_redacted(r, members, n);
}
