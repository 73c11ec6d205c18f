// SPDX-License-Identifier: Apache-2.0
// traceparent: the header by which a caller says of which trace its request is a part (W3C Trace Context, level 1,
// 3.2). Pure.
#ifndef CGI_TRACEPARENT_H
#define CGI_TRACEPARENT_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/must.h"

// Texts of lower-case hexadecimal digits, without a NUL.
enum { TRACEPARENT_TRACE_DIGITS = 32, TRACEPARENT_SPAN_DIGITS = 16 };

struct traceparent {
    struct str trace_id; // both are parts of the header
    struct str span_id;
    bool is_sampled; // the caller records its own part
};

// 0, or -1 for what is no such header; a request of that kind begins a trace of its own.
MUST_USE int traceparent_read(struct str header, struct traceparent *parent);

#endif
