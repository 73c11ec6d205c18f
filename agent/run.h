// SPDX-License-Identifier: Apache-2.0
// run: what one run of the agent has in hand, and how it ends when it does not answer. It is shared by the files that
// make up the work (loop, context, thought, toolwork, answer) and knows none of them. It belongs to the session's own
// thread.
#ifndef AGENT_RUN_H
#define AGENT_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/settings.h"
#include "agent/conversation.h"
#include "agent/http.h"
#include "agent/mcp/toolbox.h"
#include "agent/listen.h"
#include "agent/model.h"
#include "agent/record.h"
#include "agent/rest.h"
#include "agent/sources.h"
#include "emitter/agenttrace.h"

struct run {
    const struct settings *settings;
    struct trace_session *session;
    json_t *about;          // the session, as claimed
    const char *stream_id;  // of the conversation it answers in
    const char *trigger_id; // the message that asked, or ""
    struct http *http;
    struct rest rest;
    struct listen *listen;
    struct conversation *conversation;
    struct sources *sources;
    struct toolbox *toolbox; // of the MCP servers
    struct model_config model;
    json_t *messages; // for the model, as its API has them
    json_t *tools;
    json_t *call_ids; // of the tool calls in them, an object used as a set
    int64_t seen_seq; // everything up to here has reached the model

    // Set while a draft is being reconsidered, else NULL. Steps in between are nested in it.
    struct trace_step *reconsidering;
    json_t *reconsidered; // its content
    int reconsiderations;

    // The reason of the failure, set once by run_fail().
    const char *error_code;
    char error_sentence[600];
};

// True when nothing new should be begun, because the session was stopped or the program is ending.
static inline bool run_is_stopped(const struct run *run)
{
    return http_is_aborted(run->http) || trace_session_ended(run->session);
}

// Makes the run of a claimed session, which must outlive it. `stream_id` is NULL if the session belongs to no
// conversation.
struct run *run_new(const struct settings *settings, struct habits *habits, struct catalog *catalog,
                    struct trace_session *session, struct http *http);
void run_free(struct run *run);

// Records why the run fails; always returns -1. Everybody in the conversation reads the sentence.
int run_fail(struct run *run, const char *code, const char *sentence);
// Fills in the error of a step that the end of the run cut short: why the run failed, or that it was stopped.
void run_explain(const struct run *run, struct record_outcome *outcome);
// Fails the session of a run that has not answered. `is_closing` means that the program is ending. A session that
// somebody else has ended stays as it is.
void run_end_badly(struct run *run, bool is_closing);

#endif
