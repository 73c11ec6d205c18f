// SPDX-License-Identifier: Apache-2.0
// The answer to a client: its status and type, and a body in the form that its protocol has.
#ifndef INGEST_RESPONSE_H
#define INGEST_RESPONSE_H

#include "ingest/report.h"

// What a protocol's clients want to hear: a constant beside its reader.
struct response_form {
    int success; // the status of what was read, also where items of it were refused
    // The body of a success. NULL: {}, or what was refused, for whoever looks.
    void (*print)(struct buf *out, bool is_proto, const struct report *report);
    // The body of an error. NULL: {"error", "message"}.
    void (*print_error)(struct buf *out, bool is_proto, int status, struct str what);
};

// Embedded; all zero is empty.
struct response {
    int status;
    const char *content_type;
    struct buf body;
    int retry_after_s; // 0: none
    // For the log and the counters.
    int64_t taken, refused, steps, hidden;
};

void response_fini(struct response *response);

// `status` is 200 or that of a refusal (400, 413, 415, 503); the answer may have another success.
void response_print(struct response *response, const struct response_form *form, bool is_proto, int status,
                    const struct report *report);

#endif
