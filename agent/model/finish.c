// SPDX-License-Identifier: Apache-2.0
#include "agent/model/finish.h"

#include <string.h>
#include <strings.h>

static const char too_long[] = "the model reached its length limit";
static const char not_called[] = "the model announced a tool call that its server did not send";
static const char filtered[] = "a content filter held back the rest";

static const struct {
    const char *reason;
    const char *shortfall;
} reasons[] = {
    {"", NULL},
    {"stop", NULL},
    {"tool_calls", not_called},
    {"tool_call", not_called},
    {"tool_use", not_called},
    {"function_call", not_called},
    {"end_turn", NULL},
    {"stop_sequence", NULL},
    {"finish", NULL},
    {"eos", NULL},
    {"eos_token", NULL},
    {"complete", NULL},
    {"completed", NULL},
    {"length", too_long},
    {"max_tokens", too_long},
    {"max_output_tokens", too_long},
    {"max_completion_tokens", too_long},
    {"token_limit", too_long},
    {"time_limit", "the model reached its time limit"},
    {"not_finished", "the model's server ended it before it was finished"},
    {"model_length", too_long},
    {"model_context_window_exceeded", "the conversation fills the model's context"},
    {"content_filter", filtered},
    {"safety", filtered},
    {"recitation", filtered},
    {"blocklist", filtered},
    {"prohibited_content", filtered},
    {"spii", filtered},
    {"content_filtered", filtered},
    {"guardrail_intervened", filtered},
    {"error_toxic", filtered},
    {"malformed_function_call", "the model made a tool call that its server could not read"},
    {"unexpected_tool_call", "the model made a tool call that its server could not read"},
    {"sensitive", filtered},
    {"refusal", "the model declined to go on"},
    {"error", "the model's server had an error"},
    {"network_error", "the model's server had an error"},
    {"insufficient_system_resource", "the model's server ran out of resources"},
    {"repetition_truncation", "the model repeated itself and was cut off"},
    {"abort", "the model's server broke off"},
    {"cancelled", "the model's server broke off"},
};

bool finish_is_none(const char *reason)
{
    return strcasecmp(reason, "null") == 0 || strcasecmp(reason, "none") == 0;
}

const char *finish_shortfall(const char *reason, struct buf *unknown)
{
    // Gemini's may have its own word behind another: "function_call_filter: MALFORMED_FUNCTION_CALL".
    const char *colon = strstr(reason, ": "), *last = colon ? colon + 2 : reason;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcasecmp(reasons[i].reason, last) == 0)
            return reasons[i].shortfall;
    // The reason is the server's: only what can be a word of it is repeated.
    buf_lit(unknown, "the model's server ended it for a reason that is not known (");
    for (size_t i = 0; reason[i] != '\0' && i < 40; i++)
        buf_char(unknown, strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. ", reason[i])
                              ? reason[i]
                              : '?');
    buf_char(unknown, ')');
    return buf_cstr(unknown);
}
