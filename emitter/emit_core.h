// SPDX-License-Identifier: Apache-2.0
// The three handles from the inside, and the one lock: trace_emitter.lock guards every member here that is not said to
// be constant. Functions named emit_* that take these structures are called with the lock held unless they say
// otherwise.
//
// A session is a lane: a queue of writes, the live texts of its open steps, a heartbeat, and at most one request under
// way. That one request keeps a session's events in order, and its progress from overtaking a completion.
#ifndef EMITTER_EMIT_CORE_H
#define EMITTER_EMIT_CORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "emitter/agenttrace.h"
#include "emitter/emit_buf.h"
#include "emitter/emit_notice.h"
#include "emitter/emit_progress.h"

#define EMIT_NEVER INT64_MAX
#define EMIT_PATH_SIZE 256

enum emit_op_kind {
    EMIT_OP_CREATE,
    EMIT_OP_CLAIM,
    EMIT_OP_START,
    EMIT_OP_COMPLETE,
    EMIT_OP_RECORD,
    EMIT_OP_POST,
    EMIT_OP_END,
    EMIT_OP_READ, // no write: what became of a question
    EMIT_OP__MAX
};

// A write that must be recorded. It is counted: the queue holds one reference until it is done, and a caller that waits
// for it holds another.
struct emit_op {
    STAILQ_ENTRY(emit_op) next;
    enum emit_op_kind kind;
    unsigned refs;
    char path[EMIT_PATH_SIZE];
    struct emit_buf body;
    struct trace_step *step;     // start and complete: counted
    char step_id[TRACE_ID_SIZE]; // start, complete and record
    char *client_message_id;     // a post's own; else a message whose id belongs into the body as refer_name
    const char *refer_name;
    struct emit_buf answer; // of a read
    size_t cost;            // what it counts for in queued_bytes
    int64_t expires_at_ms;
    unsigned attempts;
    unsigned broken; // answers 5xx that do not mean "away"
    bool revived;    // an ending: a heartbeat was sent because the server had ended the session
    bool awaited;    // a caller waits: it will say what went wrong
    bool done;
    enum trace_result result;
};

enum emit_call_kind { EMIT_CALL_NONE, EMIT_CALL_OP, EMIT_CALL_BATCH, EMIT_CALL_HEARTBEAT, EMIT_CALL_PROGRESS };

// The request under way. Until it is done, the transport reads its members without the lock.
struct emit_call {
    struct trace_request request;
    enum emit_call_kind kind;
    bool is_put;             // op: a step is put
    struct trace_step *step; // progress: counted
    size_t lines;            // batch: so many writes from the head of the queue
    char path[EMIT_PATH_SIZE];
    struct emit_excerpt excerpt; // progress: what emit_lane_print() makes the body of
    struct emit_buf body;
};

// A subscription to the session's own room, which only says that it is time to ask (emit_watch).
struct emit_watch {
    struct trace_request request;
    bool open;
    int64_t open_at_ms, retry_ms;
    unsigned failures;
    char path[EMIT_PATH_SIZE];
    char line[48];
    size_t line_n;
};

struct emit_posted {
    SLIST_ENTRY(emit_posted) next;
    char *client_message_id;
    char message_id[TRACE_ID_SIZE];
};

struct trace_session {
    TAILQ_ENTRY(trace_session) next;
    STAILQ_ENTRY(trace_session) starting; // the sending thread's, between preparing a call and beginning it
    struct trace_emitter *emitter;        // constant, counted
    char id[TRACE_ID_SIZE];               // constant
    unsigned refs;                        // the user's handle, the emitter's list, steps
    bool held;                            // the user's handle is not freed
    bool begun;                           // the server has it running
    bool ending;                          // our own end is queued
    bool ended;
    bool told;               // on_ended was called, or is not needed
    const char *ending_verb; // of our own ending: the same again is the same
    char stream_id[TRACE_ID_SIZE];
    char *json;
    struct trace_error error;
    bool failed; // error is set

    STAILQ_HEAD(, emit_op) ops;
    LIST_HEAD(, trace_step) steps; // open, with a handle: they may have progress
    SLIST_HEAD(, emit_posted) posted;
    struct emit_call call;
    struct emit_watch watch;
    unsigned heard; // how often its room told of what a question waits for
    int64_t heartbeat_at_ms;
    int64_t retry_at_ms; // nothing is sent before
    unsigned failures;
    bool putting;    // the server was away, or ended the session: until the queue is empty, steps are put
    bool reviving;   // a heartbeat goes first, which may let the session run again
    bool has_beaten; // between two attempts at a write, of which the second is next
    bool takes_none; // it has ended, and takes no step any more that began later
    size_t singly;   // so many writes are not to be batched: a batch of them was refused
};

struct trace_step {
    LIST_ENTRY(trace_step) next;
    struct trace_session *session; // constant, counted
    char id[TRACE_ID_SIZE];        // constant
    unsigned refs;                 // the user's handle, its ops, a progress call
    bool listed;
    bool lost;   // its start was refused or dropped: the server does not know it
    bool closed; // its completion is queued or done
    struct emit_progress progress;
};

struct emit_settings {
    char workspace[TRACE_ID_SIZE];
    int64_t request_timeout_ms, ack_timeout_ms, deliver_timeout_ms, heartbeat_ms, retry_ms;
    struct emit_pace pace;
    size_t queue_bytes, queue_length, connections;
    bool watch;
    void (*on_log)(void *user, enum trace_log_level level, const char *line);
    void (*on_ended)(void *user, const char *session_id, const char *status);
    void *user;
};

struct trace_emitter {
    pthread_mutex_t lock;
    pthread_cond_t changed; // an op is done, or something was sent
    pthread_t thread;
    pid_t pid;                // constant: of the process that made it
    struct emit_settings set; // constant
    struct trace_transport *transport;
    unsigned refs; // the user's handle, sessions
    bool closing;
    unsigned flushing;
    TAILQ_HEAD(, trace_session) sessions;    // least recently served first
    size_t calls;                            // under way, watches not counted
    int64_t failing_since_ms, failing_at_ms; // first and latest failure since the last good answer; 0: none
    bool said_away;
    uint32_t random;
    struct emit_notices notices;
    struct trace_stats stats;
    uint64_t reported; // losses that a flush has returned, and claims that went to others, which are none
};

// Monotonic milliseconds, and those since 1970 of the machine's clock. Need no lock.
int64_t emit_core_now(void);
int64_t emit_core_wall(void);

// Takes the lock. Returns false, without the lock, in another process than the one that made the emitter.
TRACE_MUST_USE bool emit_core_lock(struct trace_emitter *emitter);

// Like emit_core_lock(), but also false when the emitter was freed: nothing can be recorded any more.
TRACE_MUST_USE bool emit_core_enter(struct trace_emitter *emitter);

// Releases the lock, and frees the emitter if nothing refers to it any more.
void emit_core_leave(struct trace_emitter *emitter);

// A session begins with one reference (the handle's) and puts itself on the emitter's list, which has another.
struct trace_session *emit_core_session_new(struct trace_emitter *emitter, const char *id);
void emit_core_session_unref(struct trace_session *session);

// A step begins with one reference, and off its session's list.
struct trace_step *emit_core_step_new(struct trace_session *session, const char *id);
void emit_core_step_unref(struct trace_step *step);

// Puts the step among those that may have progress, or takes it off and frees its text.
void emit_core_step_list(struct trace_step *step);
void emit_core_step_unlist(struct trace_step *step);

// Lets the sending thread look again.
void emit_core_wake(struct trace_emitter *emitter);

#endif
