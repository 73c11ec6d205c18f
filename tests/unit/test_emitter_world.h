// SPDX-License-Identifier: Apache-2.0
// What a test of the emitter starts with: an emitter with short times, on the memory transport, and what it was told.
#ifndef TEST_EMITTER_WORLD_H
#define TEST_EMITTER_WORLD_H

#include <pthread.h>

#include "tests/unit/test_emitter_memory.h"

#define WORLD_WORKSPACE "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define WORLD_STREAM "str_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define WORLD_SESSION "ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define WORLD_GIVE_UP_MS 20000 // no wait that succeeds takes as long, however busy the machine is
#define WORLD_ACK_MS 100       // how long a hasty emitter's calls wait for their answers
#define WORLD_SLOWER_MS 1000
#define WORLD_HEARTBEAT_MS 40
#define WORLD_QUEUE 40
#define WORLD_BYTES 65536

enum world_faults { WORLD_NONE, WORLD_ALL, WORLD_FIRST_ATTEMPTS, WORLD_READS }; // the last: readings of a step

struct world {
    struct memory *memory;
    struct trace_emitter *emitter;
    pthread_mutex_t lock;
    int errors, warnings, endings; // told by the callbacks
    char ended_id[TRACE_ID_SIZE], ended_status[32];
    enum world_faults mode;
    struct memory_fault each;
    bool spared; // the last request failed by WORLD_FIRST_ATTEMPTS: let the next pass
};

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
#define WORLD_TEST_HASTY(f) cmocka_unit_test_setup_teardown(f, world_setup_hasty, world_teardown)

// cmocka's fixtures: the calls of the first emitter wait until they are answered, however busy the machine is; those of
// a hasty one only for WORLD_ACK_MS. The teardown checks that the library kept the contract.
int world_setup(void **state);
int world_setup_hasty(void **state);
int world_setup_slower(void **state);    // hasty after WORLD_SLOWER_MS
int world_setup_impatient(void **state); // hasty, and writes are dropped after 250 ms
int world_teardown(void **state);

void world_on_log(void *user, enum trace_log_level level, const char *line);
void world_on_ended(void *user, const char *session_id, const char *status);

// Which requests (heartbeats aside) have the fault w->each.
void world_faults(struct world *w, enum world_faults mode);

// Checks that a call was answered, be it after a hasty emitter stopped waiting for it.
void world_answered(struct world *w, enum trace_result result);

// A running session in WORLD_STREAM.
struct trace_session *world_session(struct world *w);

// The model's copy of a session: decref it.
json_t *world_state(struct world *w, const char *session_id);
void world_expect_log(struct world *w, const char *log);
// One of w's counts, read with its lock.
int world_told(struct world *w, const int *count);
bool world_until_endings(struct world *w, int n);
int64_t world_now(void);

#endif
