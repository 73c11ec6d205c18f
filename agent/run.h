/*
 * run: what one run of the agent has in hand; shared by the files that make up its work (loop, context, thought,
 * toolwork, answer) and by nobody else. It belongs to the session's own thread.
 */
#ifndef AGENT_RUN_H
#define AGENT_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/config.h"
#include "agent/conversation.h"
#include "agent/http.h"
#include "agent/listen.h"
#include "agent/model.h"
#include "agent/record.h"
#include "agent/rest.h"
#include "agent/sources.h"
#include "emitter/agenttrace.h"

struct run {
    const struct config *config;
    struct trace_session *session;
    const json_t *about;    /* the session, as claimed */
    const char *stream_id;  /* of the conversation it answers in */
    const char *trigger_id; /* the message that asked, or "" */
    struct http *http;
    struct rest rest;
    struct listen *listen;
    struct conversation *conversation;
    struct sources *sources;
    struct model_config model;
    json_t *messages; /* for the model, as its API has them */
    json_t *tools;
    int64_t seen_seq; /* everything up to here has reached the model */

    /* While a draft is being reconsidered; else NULL. Steps in between are nested in it. */
    struct trace_step *reconsidering;
    json_t *reconsidered; /* its content */
    int reconsiderations;

    /* Why it failed; set once, by run_fail(). */
    const char *error_code;
    char error_sentence[200];
};

/* True when nothing should be begun any more: stopped by somebody, or the program ends. */
static inline bool run_is_stopped(const struct run *run)
{
    return http_is_aborted(run->http) || trace_session_ended(run->session);
}

/* Records why the run ends; always -1. The sentence is for everybody in the conversation. */
int run_fail(struct run *run, const char *code, const char *sentence);
/* The error of a step that the end of the run cut short: why it failed, or that it was stopped. */
void run_explain(const struct run *run, struct record_outcome *outcome);

#endif
