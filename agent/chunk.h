/*
 * chunk: puts together what an OpenAI-compatible model streams (the `data:` of its events): the reasoning, the answer,
 * the tool calls by their index, the usage. Pure.
 */
#ifndef AGENT_CHUNK_H
#define AGENT_CHUNK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/text.h"

#define CHUNK_TOOL_CALLS_MAX 16
#define CHUNK_TEXT_MAX (1u << 20)

struct chunk_tool_call {
    struct text id;
    struct text name;
    struct text arguments; /* JSON, as the model wrote it: may be malformed */
};

/* Zeroed, it is empty. */
struct chunk_answer {
    struct text reasoning;
    struct text content;
    struct chunk_tool_call calls[CHUNK_TOOL_CALLS_MAX];
    size_t call_count;
    char model[128];
    char finish_reason[32];
    char error[256];                                       /* of CHUNK_ERROR */
    bool error_is_final;                                   /* the server finds fault with the request itself */
    int64_t input_tokens, output_tokens, reasoning_tokens; /* 0: not told */
    bool is_done;                                          /* [DONE] was seen */
};

enum chunk_result { CHUNK_OK, CHUNK_MALFORMED, CHUNK_TOO_LARGE, CHUNK_ERROR };

/* Takes the data of one event: JSON, or "[DONE]". */
enum chunk_result chunk_take(struct chunk_answer *answer, const char *data, size_t n) MUST_USE;
/* A whole reply, of a server that does not stream: the same with `message` for `delta`. */
enum chunk_result chunk_take_whole(struct chunk_answer *answer, const char *data, size_t n) MUST_USE;
/* True when the model has said that it is finished: an end of the stream before that is a cut. */
bool chunk_is_finished(const struct chunk_answer *answer);
void chunk_fini(struct chunk_answer *answer);

#endif
