// SPDX-License-Identifier: Apache-2.0
// A transport without a network, and a small model of the server behind it that keeps the API's promises and
// counts what breaks them. A function of the test chooses the fault of each request.
#ifndef TEST_EMITTER_MEMORY_H
#define TEST_EMITTER_MEMORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "emitter/agenttrace.h"

enum memory_fault_kind {
    MEMORY_FINE,
    MEMORY_DROP_BEFORE, // no answer, the server has seen nothing
    MEMORY_DROP_AFTER,  // no answer, the server has done it
    MEMORY_DUPLICATE,   // done twice, the second answer counts
    MEMORY_ANSWER,      // answered with status, nothing done
    MEMORY_LATE         // no answer; the server does it delay_ms later, when it may have been repeated
};

struct memory_fault {
    enum memory_fault_kind kind;
    int status;
    const char *code;       // of a problem answered
    int64_t retry_after_ms; // with MEMORY_ANSWER; 0: none
    int delay_ms;           // before the answer
};

// n counts the requests from 1. Called with the transport's lock: it may not call the library.
typedef struct memory_fault memory_faults(void *user, const char *method, const char *path, int n);

struct memory;

// To be given to an emitter as its transport; memory_free() after the emitter.
struct memory *memory_new(memory_faults *faults, void *user);
struct trace_transport *memory_transport(struct memory *m);
void memory_free(struct memory *m);

// What the model holds: a copy of {"sessions":{id:{status,openedBy,messages…,steps:[…]}},"messages":[…]}; decref it.
json_t *memory_state(struct memory *m);

// Writes that were done, one line each, such as "start stp_…"; joined by spaces, ids cut off. Free it.
char *memory_log(struct memory *m);

// Requests so far whose path ends so; breaches of the contract by the library so far.
int memory_count(struct memory *m, const char *path_end);
int memory_breaches(struct memory *m);

// A person or the sweeper acts: the session has this status from now on.
void memory_end_session(struct memory *m, const char *session_id, const char *status);
// Makes a pending session that can be claimed.
void memory_add_pending(struct memory *m, const char *session_id, const char *stream_id);
// Bytes on every open stream, and its end.
void memory_stream_bytes(struct memory *m, const char *text);
bool memory_stream_is_read(struct memory *m); // the bytes have been given to the library
void memory_stream_end(struct memory *m, int status);
int memory_streams(struct memory *m);       // open now
int memory_streams_begun(struct memory *m); // so far

// Waits until check(m) holds; whether it does before the wait is given up, which is long after a busy machine would
// have come to it.
bool memory_until(struct memory *m, bool (*check)(struct memory *));

void memory_sleep(int ms);

#endif
