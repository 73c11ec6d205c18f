// SPDX-License-Identifier: Apache-2.0
// What the emitter reads of a server's answer: whatever came, ids are ids and texts end.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "emitter/emit_answer.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char stream[TRACE_ID_SIZE], message[TRACE_ID_SIZE];
    struct trace_error error;
    struct trace_reply reply = {.status = 200 + 100 * (data[0] % 4), .error = ""};
    // Not ended by NUL, as the transport gives it.
    reply.body = size > 1 ? (const char *)data + 1 : NULL;
    reply.body_length = size - 1;

    emit_answer_problem(&reply, &error);
    assert(error.status == reply.status);
    assert(memchr(error.code, '\0', sizeof error.code) && memchr(error.detail, '\0', sizeof error.detail));
    emit_answer_message(&reply, message);
    assert(memchr(message, '\0', sizeof message));
    char *session = emit_answer_session(&reply, stream);
    assert(memchr(stream, '\0', sizeof stream));
    json_t *object = session ? json_loads(session, 0, NULL) : NULL;
    assert(!session || json_is_object(object));
    json_decref(object);
    free(session);
    return 0;
}
