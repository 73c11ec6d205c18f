// SPDX-License-Identifier: Apache-2.0
// What each protocol's clients want to hear: their success, their partial success, their errors.
#ifndef INGEST_RESPONSE_H
#define INGEST_RESPONSE_H

#include "ingest/report.h"

enum response_family {
    RESPONSE_OTLP,
    RESPONSE_LANGSMITH,
    RESPONSE_LANGFUSE,
    RESPONSE_AGENTS,
    RESPONSE_GENKIT,
    RESPONSE__MAX
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
void response_print(struct response *response, enum response_family family, bool is_proto, int status,
                    const struct report *report);

#endif
