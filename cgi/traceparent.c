// SPDX-License-Identifier: Apache-2.0
#include "cgi/traceparent.h"

#include <string.h>

// VERSION-TRACE-SPAN-FLAGS. What a later version adds stands behind another "-".
enum { TRACE_AT = 3, SPAN_AT = 36, FLAGS_AT = 53, LENGTH = 55 };

static bool is_hex(struct str digits)
{
    for (size_t i = 0; i < digits.n; i++)
        if (!memchr("0123456789abcdef", digits.p[i], 16))
            return false;
    return true;
}

static bool is_zero(struct str digits)
{
    size_t i = 0;
    while (i < digits.n && digits.p[i] == '0')
        i++;
    return i == digits.n;
}

int traceparent_read(struct str header, struct traceparent *parent)
{
    if (header.n < LENGTH)
        return -1;
    const char *p = header.p;
    struct str version = {p, 2}, flags = {p + FLAGS_AT, 2};
    parent->trace_id = (struct str){p + TRACE_AT, TRACEPARENT_TRACE_DIGITS};
    parent->span_id = (struct str){p + SPAN_AT, TRACEPARENT_SPAN_DIGITS};
    if (p[TRACE_AT - 1] != '-' || p[SPAN_AT - 1] != '-' || p[FLAGS_AT - 1] != '-')
        return -1;
    if (!is_hex(version) || !is_hex(parent->trace_id) || !is_hex(parent->span_id) || !is_hex(flags))
        return -1;
    if (is_zero(parent->trace_id) || is_zero(parent->span_id) || str_eq(version, STR("ff")))
        return -1;
    if (header.n > LENGTH && (is_zero(version) || p[LENGTH] != '-'))
        return -1;
    // The lowest bit: hexadecimal digits that are odd.
    parent->is_sampled = memchr("13579bdf", flags.p[1], 8) != NULL;
    return 0;
}
