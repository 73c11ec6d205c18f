/*
 * model: one call of an OpenAI-compatible `/chat/completions`, streamed. It says exactly how a call failed, and whether
 * calling again may help; whether to, is the caller's.
 */
#ifndef AGENT_MODEL_H
#define AGENT_MODEL_H

#include <jansson.h>

#include "agent/chunk.h"
#include "agent/http.h"

struct model_config {
    const char *url;  /* the base, such as https://api.example.com/v1, or the whole address of /chat/completions */
    const char *name; /* "" lets the server choose */
    const char *key;  /* "" sends none */
    long stall_s;     /* no byte for so long: given up */
};

enum model_end {
    MODEL_OK,
    MODEL_ABORTED,
    MODEL_AGAIN,  /* unreachable, overloaded, cut, stalled, malformed: another call may succeed */
    MODEL_REFUSED /* it will be no different the next time */
};

struct model_failure {
    char sentence[160]; /* for everybody who reads the trace */
    char details[512];  /* for the log */
    long wait_s;        /* of MODEL_AGAIN: as the server asked; 0: not told */
};

enum model_text { MODEL_REASONING, MODEL_CONTENT };

struct model_sink {
    void (*on_text)(void *arg, enum model_text kind, const char *p, size_t n);
    void *arg;
};

/* `messages` and `tools` (may be NULL) as the API has them. `answer` is filled as far as it came, also on failure. */
enum model_end model_call(struct http *http, const struct model_config *config, json_t *messages, json_t *tools,
                          const struct model_sink *sink, struct chunk_answer *answer,
                          struct model_failure *failure) MUST_USE;

#endif
