// SPDX-License-Identifier: Apache-2.0
// libagenttrace: records what an agent does, step by step, in Agent Trace, while it happens.
//
// Three handles in the order of the work: trace_emitter (one per process: a connection and a sending thread) →
// trace_session (one run of the agent) → trace_step (one thing it does). Ids are made here, so every repeat is
// harmless.
//
// What it is not: it does not run the agent, listen for work, or read traces back.
//
// Delivery. One background thread sends; what belongs to one session is sent in the order of the calls, one request at
// a time; sessions do not wait for each other. What must be recorded (everything but progress) is *waited for*: the
// call returns TRACE_OK when the server has committed it. When the server is away or slow the call returns TRACE_QUEUED
// after at most ack_timeout_ms, or at once while the server is known to be away; the agent's work goes on, and the
// write waits in a bounded queue, in order, until it is delivered or deliver_timeout_ms have passed. Every write bears
// the time of its call, so a step that waited has its true duration. A session that the server ended meanwhile for its
// silence runs again; one that people ended takes the steps that began before, or hardly after. A write the server
// refuses (4xx) is not repeated: TRACE_REFUSED, with trace_session_error(). Whatever is dropped is counted and reported
// to on_log, and trace_emitter_flush() returns how much.
//
// Threads. Every function may be called from any thread, unless it says otherwise; one handle may be used by several
// threads at once, but not be freed while another call uses it. Callbacks run on the sending thread with no lock held;
// they must be quick, and may call only functions that say "from callbacks".
//
// fork: a child must not use its parent's emitter: calls return TRACE_CLOSED there and the frees do nothing; make a new
// emitter after the fork. Signals: the sending thread blocks them all, SIGPIPE is never raised; nothing here may be
// called from a signal handler (set a flag, and call trace_session_fail() from the loop).
//
// Text is NUL-terminated UTF-8 and is copied before a call returns. Bytes that are not UTF-8 are recorded as U+FFFD;
// titles, names and error messages beyond the server's limits are cut, contents never (TRACE_INVALID beyond
// TRACE_CONTENT_MAX). Times are milliseconds. A NULL session or step counts as ended: calls on it do nothing.
// Structures are zero-initialised: a member left zero takes its default or is absent. Out of memory aborts.
#ifndef AGENTTRACE_H
#define AGENTTRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRACE_MUST_USE __attribute__((warn_unused_result))

// Bytes that hold any id with its NUL: a prefix such as "stp_" and a ULID.
#define TRACE_ID_SIZE 32
// Most bytes of a step's content that the server takes.
#define TRACE_CONTENT_MAX 1048576
// Most sources of a step or message that the server takes.
#define TRACE_SOURCES_MAX 200

struct trace_emitter;
struct trace_session;
struct trace_step;
struct trace_transport;

enum trace_result {
    TRACE_OK,      // the server has committed it (progress: it was handed over)
    TRACE_QUEUED,  // not acknowledged yet: it waits in the queue, in order
    TRACE_ENDED,   // the session has ended (cancelled, swept, or by this program): nothing was recorded, stop working
    TRACE_REFUSED, // the server answered 4xx; not repeated; see trace_session_error()
    TRACE_FULL,    // the queue is at its bound: dropped and counted
    TRACE_AWAY,    // no answer in time, and nothing is queued (claim, or a write older than its deadline): call again
    TRACE_INVALID, // the arguments break a rule stated here: nothing was sent
    TRACE_CLOSED,  // the emitter was closed, or belongs to the parent process
    TRACE_RESULT__MAX
};

// A name for logs, such as "queued". Never NULL. From callbacks too.
const char *trace_result_name(enum trace_result result);

enum trace_log_level { TRACE_LOG_ERROR, TRACE_LOG_WARNING, TRACE_LOG_INFO };

// Of the emitter. Only url, workspace and token are required; strings are copied.
struct trace_config {
    const char *url;       // http or https origin, such as "https://trace.example.org"; "/api/…" is appended
    const char *workspace; // "ws_…"
    const char *token;     // "atk_…", with the scope sessions:write (and messages:write to post)
    const char *ca_file;   // PEM file of trusted certificates; NULL: the system's

    // Times in milliseconds; 0 takes the default in brackets.
    int connect_timeout_ms; // [3000]
    int request_timeout_ms; // [10000] one attempt, and one more for each 64 bytes that it sends
    int ack_timeout_ms; // [2000] how long a call waits to be acknowledged; negative: not at all, always TRACE_QUEUED
    int deliver_timeout_ms; // [600000] how long a write is kept and repeated before it is dropped
    int retry_ms;           // [100] before the first repeat; doubled for each, to at most 10 s, with jitter
    int heartbeat_ms;       // [15000] since the last stored write of an open session; the server gives up after 60 s
    int progress_ms;        // [50] least time between two progress sends of one step
    int checkpoint_ms; // [1000] between stored copies of a streamed text, so that a crash keeps it; the first after a
                       // quarter, or 1 KiB

    size_t progress_bytes; // [4096] new text that is sent before progress_ms have passed
    size_t queue_bytes;    // [16 MiB] bound of everything that waits in memory
    size_t queue_length;   // [10000] bound of the writes that wait
    int connections;       // [8] most connections kept to the server
    bool no_watch;         // do not subscribe to sessions' endings: the program feeds trace_session_note_ended() itself

    // Trouble, in a sentence: refused, dropped, away, back. Never content or the token. NULL: standard error.
    void (*on_log)(void *user, enum trace_log_level level, const char *line);
    // Once per session that ended otherwise than by a call here: "cancelled", "failed", "completed", "refused" (no
    // longer this token's) or "undelivered" (its creation was dropped).
    void (*on_ended)(void *user, const char *session_id, const char *status);
    void *user; // passed to both

    struct trace_transport *transport; // taken; NULL: HTTP by libcurl
};

// Since the emitter was made, except where it says "now".
struct trace_stats {
    uint64_t acknowledged;     // writes the server confirmed
    uint64_t repeated;         // attempts beyond a write's first
    uint64_t refused;          // writes answered 4xx (a session that had ended is not counted here)
    uint64_t dropped_full;     // writes dropped at the queue's bound
    uint64_t dropped_expired;  // writes dropped after deliver_timeout_ms, or at trace_emitter_free()
    uint64_t dropped_ended;    // writes dropped because their session had ended, or its creation was refused
    uint64_t progress_sent;    // progress requests answered 202
    uint64_t progress_merged;  // calls whose text went out with a later one
    uint64_t progress_failed;  // progress requests lost (their text goes out with the next)
    uint64_t progress_dropped; // steps whose live text was given up at the queue's bound, or at TRACE_CONTENT_MAX
    uint64_t sources_dropped;  // sources left out: over TRACE_SOURCES_MAX, no title, or not http(s)
    uint64_t heartbeats;       // answered
    uint64_t queued;           // now: writes that wait or are under way
    uint64_t queued_bytes;     // now
};

// Why the server refused.
struct trace_error {
    int status;                     // HTTP
    char code[64];                  // stable, such as "session_running"; "" if the answer had none
    char detail[256];               // for people
    char session_id[TRACE_ID_SIZE]; // of session_running: the session in the way; else ""
};

// A new emitter with its thread, or NULL if the configuration is wrong (said to on_log). No request is made.
// Free it with trace_emitter_free().
TRACE_MUST_USE struct trace_emitter *trace_emitter_new(const struct trace_config *config);

// Waits until everything queued, progress included, has been answered, or timeout_ms have passed (-1: some of it still
// waits). 0: all of it is recorded; more: so many writes were lost since the last flush, that is, refused or dropped,
// and said to on_log. Blocks; not from callbacks.
TRACE_MUST_USE int trace_emitter_flush(struct trace_emitter *emitter, int timeout_ms);

// Stops the thread. What still waits is dropped, counted and said: flush first. Sessions still open are left to the
// server, which ends them after 60 s of silence. Session and step handles stay valid until freed; their calls return
// TRACE_CLOSED. NULL is nothing. Not from callbacks.
void trace_emitter_free(struct trace_emitter *emitter);

// Copies the counters. From callbacks too.
void trace_emitter_stats(struct trace_emitter *emitter, struct trace_stats *out);

// Writes a new id: prefix (at most five bytes) and a ULID (time and 80 random bits). From callbacks too.
void trace_id_new(char out[TRACE_ID_SIZE], const char *prefix);

// The longest length at most max at which text of n bytes can be cut without splitting a code point. From callbacks
// too.
size_t trace_text_fit(const char *text, size_t n, size_t max);

// ---- sessions ----

struct trace_session_spec {
    const char *id;                 // "ses_…"; NULL: made here
    const char *stream_id;          // the conversation it belongs to; NULL: none
    const char *trigger_message_id; // the message that asked for it
    const char *title;
    const char *metadata_json; // a JSON object
    int64_t started_at_ms;     // since 1970; 0: now
};

// Starts a session as the token's persona. *out is a handle to be freed with trace_session_free(), set to NULL only by
// TRACE_INVALID and TRACE_CLOSED. TRACE_OK, TRACE_QUEUED: work. TRACE_REFUSED (for example session_running): see
// trace_session_error(*out).
TRACE_MUST_USE enum trace_result
trace_session_create(struct trace_emitter *emitter, const struct trace_session_spec *spec, struct trace_session **out);

// Takes a pending session for worker_id (the same worker may take it again). Only TRACE_OK makes it ours: it is never
// queued, since two workers must not work on one session. A request under way is waited for until request_timeout_ms,
// for the server may have granted it; TRACE_AWAY: ask again, for the same reason. *out as of trace_session_create().
TRACE_MUST_USE enum trace_result trace_session_claim(struct trace_emitter *emitter, const char *session_id,
                                                     const char *worker_id, struct trace_session **out);

// A handle on a running session that this persona already has (another process created it, or this one did before a
// restart). Asks the server nothing; heartbeats begin. *out is NULL unless TRACE_OK.
TRACE_MUST_USE enum trace_result trace_session_adopt(struct trace_emitter *emitter, const char *session_id,
                                                     struct trace_session **out);

// Its id; valid as long as the handle. From callbacks too.
const char *trace_session_id(const struct trace_session *session);

// The session object as the server answered to create or claim (JSON), or NULL before that and for an adopted one;
// valid as long as the handle. From callbacks too.
const char *trace_session_json(struct trace_session *session);

// True once nothing more can be recorded: it has ended, whoever ended it. To be asked at every turn of an agent's loop.
bool trace_session_ended(struct trace_session *session);

// Copies why the server last refused something of this session; false if it never did. From callbacks too.
bool trace_session_error(struct trace_session *session, struct trace_error *out);

// Tells the library that the session has ended, for a program that hears it first (by SSE, say). status: "cancelled",
// "failed" or "completed". Harmless if it was known, or if this program is ending it. From callbacks too.
void trace_session_note_ended(struct trace_session *session, const char *status);

// Ends the session. Steps still open become interrupted; calls afterwards return TRACE_ENDED. The same ending again is
// TRACE_OK; TRACE_ENDED if another ending was first (trace_session_error() has its status in detail).
// response_message_id: the answer, or NULL (also a client_message_id of trace_session_post()). seen_seq: the number of
// the newest timeline event the agent has seen, so that later messages are not stranded; 0 if it does not know.
enum trace_result trace_session_complete(struct trace_session *session, const char *response_message_id,
                                         int64_t seen_seq);
enum trace_result trace_session_fail(struct trace_session *session, const char *code, const char *message);
enum trace_result trace_session_cancel(struct trace_session *session);

// Releases the handle; what it queued is still delivered, and its steps go on as long as they have a handle, but an
// unfinished session's heartbeats stop. NULL is nothing.
void trace_session_free(struct trace_session *session);

// ---- what a step or message carries ----

// Where a statement came from. Texts beyond the server's limits are cut, what may not stand in a URL is
// percent-encoded; a source without a type or title, with malformed ids or another kind of URL is left out, and
// counted.
struct trace_source {
    const char *type;  // "web", "message" or "document"
    const char *title; // required
    const char *url;   // http or https
    const char *domain;
    const char *snippet;
    const char *stream_id;
    const char *stream_name;
    const char *message_id;
    const char *author_name;
    const char *timestamp; // RFC 3339
};

struct trace_usage {
    const char *model;
    int64_t input_tokens; // 0 is absent, as for the others
    int64_t output_tokens;
    int64_t reasoning_tokens;
    double cost_usd;
};

// ---- steps ----

struct trace_step_spec {
    const char *type;                // required: "thinking", "tool_call", …: [a-z][a-z0-9_]{0,63}
    const char *name;                // for people, such as the tool's
    const struct trace_step *parent; // of the same session; NULL: none
    const char *id;                  // "stp_…"; NULL: made here
    const char *text;                // content as text …
    const char *content_json;        // … or as JSON, a string or an object; at most one of the two
    int64_t started_at_ms;           // since 1970; 0: now
};

// How a step ended.
struct trace_outcome {
    const char *text;         // content as text …
    const char *content_json; // … or as JSON. Neither: the text streamed so far, else what it started with
    const struct trace_source *sources;
    size_t source_count;
    const char *message_id; // the message it sent: "msg_…", or the client_message_id of trace_session_post()
    const struct trace_usage *usage;
    const char *error_code; // the step failed: stable code, and …
    const char *error_message;
    int64_t completed_at_ms; // since 1970; 0: now
};

// Starts a step; TRACE_OK: it is committed, and seen, so now do the work. *out is a handle to be freed with
// trace_step_free(), NULL only after TRACE_INVALID and TRACE_CLOSED (the other functions take a NULL step for nothing).
TRACE_MUST_USE enum trace_result trace_step_start(struct trace_session *session, const struct trace_step_spec *spec,
                                                  struct trace_step **out);

// The step's text so far, whole; or n bytes more of it (a code point may be split between calls). Shown live, never
// waited for, merged so that at most one send per progress_ms or progress_bytes goes out, and the newest wins; stored
// about every checkpoint_ms. Costs a copy. TRACE_OK; TRACE_ENDED when the session or the step has.
enum trace_result trace_step_progress(struct trace_step *step, const char *text);
enum trace_result trace_step_append(struct trace_step *step, const char *delta, size_t n);

// Completes the step, or fails it if the outcome has an error. outcome NULL is an empty one. Nothing of its progress is
// sent afterwards. After TRACE_INVALID, TRACE_FULL and TRACE_REFUSED the step is still open and may be completed
// otherwise.
enum trace_result trace_step_complete(struct trace_step *step, const struct trace_outcome *outcome);

// Fails the step, keeping the content it has.
enum trace_result trace_step_fail(struct trace_step *step, const char *code, const char *message);

// Its id; valid as long as the handle. "" for NULL. From callbacks too.
const char *trace_step_id(const struct trace_step *step);

// Releases the handle; a step not completed stays open until its session ends. NULL is nothing.
void trace_step_free(struct trace_step *step);

// A whole step in one call, for what took no time or is over. Content is the outcome's, else the spec's.
enum trace_result trace_session_record(struct trace_session *session, const struct trace_step_spec *spec,
                                       const struct trace_outcome *outcome);

// ---- asking a person ----

struct trace_option {
    const char *id; // 1 to 64 bytes
    const char *label;
    bool danger; // shown as one to think about
};

struct trace_question {
    const char *text;                   // required
    const struct trace_option *options; // none: "approve" and "reject"
    size_t option_count;
    const struct trace_step *parent; // as of a step
    int timeout_s;                   // 0: 600; at most 86400
};

struct trace_decision {
    char option[65];                // "" unless TRACE_OK
    char note[4001];                // what the person added, or ""
    char decided_by[TRACE_ID_SIZE]; // "usr_…"
};

// Shows a question to people, with a button for each option, and waits for the first of them to decide. TRACE_OK: one
// did. TRACE_AWAY: nobody did in time, or nobody could be asked, which says the same: it has not been allowed. Anything
// else is as for a step. Whatever it returns, the question is over. Not from callbacks.
TRACE_MUST_USE enum trace_result trace_session_ask(struct trace_session *session, const struct trace_question *question,
                                                   struct trace_decision *out);

// ---- messages ----

struct trace_message_spec {
    const char *content;           // Markdown, required
    const char *stream_id;         // NULL: the session's own stream, as created or as claim answered
    const char *client_message_id; // the same again is the same message; NULL: made here
    const struct trace_source *sources;
    size_t source_count;
};

struct trace_posted {
    char message_id[TRACE_ID_SIZE]; // "" unless TRACE_OK
    char client_message_id[64];     // may stand for it in an outcome or a session's completion, also while it is queued
};

// Posts a message as the persona, bound to the session. In order with the session's steps. out may be NULL.
TRACE_MUST_USE enum trace_result trace_session_post(struct trace_session *session,
                                                    const struct trace_message_spec *spec, struct trace_posted *out);

// ---- the transport ----

struct trace_reply {
    int status;        // HTTP; 0: no answer, see error
    const char *error; // for people, when there was no answer
    const char *body;  // not ended by NUL; NULL if body_length is 0
    size_t body_length;
    int64_t retry_after_ms; // of the header Retry-After; negative: there was none
};

// One attempt. Everything belongs to the emitter and stays until done() was called or the request was abandoned.
struct trace_request {
    const char *method; // "GET", "POST" or "PUT"
    const char *path;   // "/api/…", with the query
    const char *body;   // JSON; NULL: none
    size_t body_length;
    int timeout_ms; // negative: a stream without end
    // Called instead of collecting the body, as it comes; NULL for all but streams.
    void (*data)(struct trace_request *request, const char *bytes, size_t n);
    void (*done)(struct trace_request *request, const struct trace_reply *reply);
    void *transport_data; // the transport's own
};

// How requests travel; embedded as the first member of an implementation. All but wake() are called by the sending
// thread alone.
struct trace_transport {
    // Begins a request; does not block, and does not call done().
    void (*begin)(struct trace_transport *self, struct trace_request *request);
    // Gives up a request that was begun: its functions are not called any more.
    void (*abandon)(struct trace_transport *self, struct trace_request *request);
    // Works until a request was done, data came, wake() was called (also before), or timeout_ms passed. Calls done().
    void (*wait)(struct trace_transport *self, int timeout_ms);
    // From any thread: ends a wait(), or the next one.
    void (*wake)(struct trace_transport *self);
    // Frees it; no request is under way.
    void (*free)(struct trace_transport *self);
};

// The default: HTTP/1.1 with keep-alive by libcurl. NULL if the configuration is wrong.
TRACE_MUST_USE struct trace_transport *trace_transport_http(const struct trace_config *config);

#ifdef __cplusplus
}
#endif

#endif
