// SPDX-License-Identifier: Apache-2.0
#include "agent/model/diagnosis.h"

#include <ctype.h>

#define S_PULL                                                                                                         \
    "The model %s is not on its server: pull it there (with Ollama: ollama pull), or name another one in "             \
    "TRACE_MODEL."
#define S_MODEL "The model's server does not know the model %s: check TRACE_MODEL."
#define S_NO_PROVIDER                                                                                                  \
    "The account's settings at the model's server leave no provider for the model %s: check them and TRACE_MODEL."
#define S_UNLOADABLE                                                                                                   \
    "The model's server cannot load the model %s: its log says why, often memory. Or name another one in TRACE_MODEL."
#define S_ADDRESS "There is no chat API at %s: check TRACE_MODEL_URL."
#define S_KEY "The model's server does not accept the key: check TRACE_MODEL_KEY."
#define S_QUOTA "The account at the model's server has no quota or credit left: check its plan and billing."
#define S_DAY "The account at the model's server has used up what it may ask for in a day: check its plan."
#define S_RATE "The model's server has too many requests at the moment (429)."
#define S_CONTEXT                                                                                                      \
    "The conversation is longer than the context of the model %s: choose one with a longer context in TRACE_MODEL, "   \
    "or set TRACE_CONTEXT_TOKENS."
#define S_MODERATION "The model's server refuses this conversation by its content rules."
#define S_TOOLS                                                                                                        \
    "The model %s, or its server, does not support tools: choose another one in TRACE_MODEL, or set "                  \
    "TRACE_MODEL_TOOLS=0."
#define S_MALFORMED "The model made a tool call that its server could not read."
#define S_LOADING "The model %s is still being loaded."
#define S_OVERLOADED "The model's server is overloaded."
#define S_SLOW "The model took too long."
#define S_OWN "The model's server had an error of its own."
#define S_REFUSED "The model's server refused the request."
#define S_REDIRECT "The model's server redirects to another host: put the address that it names into TRACE_MODEL_URL."
#define S_REGION "The model's server does not serve this account or region."

static const struct diagnosis rows[] = {
    // What is too large, and limits: which of them it is stands in the words.
    {413, {NULL}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"request too large"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"insufficient_quota"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"per-min"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"tokens per day"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {0, {"requests per day"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"per-day"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"*perday"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"*byday"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"daily limit"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"daily rate limit"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"daily quota"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"daily request"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"daily token"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"daily free"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"daily usage limit"}, REMEDY_NONE, NAME_NOTHING, S_DAY},
    {429, {"limit: 0,"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"per month"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"/ month"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"monthly limit"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"monthly quota"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"per min"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"please wait before"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"*perminute"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"per_minute"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"retry after"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"retry in"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"try again in"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"e.g. check quota"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"too many tokens"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    // A call that the model made, and one that is spoken of, are told apart by the verb.
    {0, {"tool_use_failed"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"failed_generation"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"malformed_function_call"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"error parsing", "tool call"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"failed to parse", "tool call"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"could not parse", "tool call"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"unable to parse", "tool call"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    // Loading that has failed, and loading that goes on.
    {0, {"error loading model"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"error loading the model"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"error while loading"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"error occurred while loading"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"failed to load", "model"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"could not load model"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"unable to load model"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"loading was stopped"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"unknown model architecture"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"more system memory"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"disk quota"}, REMEDY_NONE, NAME_MODEL, S_UNLOADABLE},
    {0, {"loading model"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"loading the model"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"model loading"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"is loading"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"currently loading"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"still loading"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"being loaded"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {503, {"loading"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {503, {"warming"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {503, {"starting"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {503, {"not ready"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    // Parameters that have words of other troubles in their names.
    {0, {"unrecognized request argument"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {0, {"unknown parameter"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {0, {"unsupported parameter"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {0, {"unknown name"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {0, {"thinking", "budget"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {0, {"budget_tokens"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    // The account.
    {0, {"insufficient", "load balanc"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"insufficient", "balance"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"insufficient", "credit"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"overdue", "balance"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"accountoverdue"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"exceeded", "quota"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"exceeded", "budget"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"over budget"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"credit balance"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"available credits"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"more credits"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"included credits"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"spending limit"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"usage limits"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"billing"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"payment required"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"arrearage"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"余额不足"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"欠费"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {403, {"rate limit"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {403, {"credits"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {403, {"limit exceeded"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {412, {"suspended"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {402, {NULL}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"quota"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"rate limit"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {"rate_limit"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    // The length.
    {0, {"context_length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"context length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"context window"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"contextwindow"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"context size"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"context limit"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"available context"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"maximum context"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"maximum model length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"maximum prompt length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"maximum allowed length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"model token limit"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"too many tokens"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"prompt is too long"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"prompt too long"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"prompt", "exceeds max"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"input is too long"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"input too long"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"inputs are too long"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"input is too large"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"inputs", "tokens", "must be"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"inputs", "must have less"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"input token", "exceed"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"range of input length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"reduce the length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"超长"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    // Which providers a router may use, and what the rules of content forbid.
    {404, {"data policy"}, REMEDY_NONE, NAME_MODEL, S_NO_PROVIDER},
    {404, {"guardrail"}, REMEDY_NONE, NAME_MODEL, S_NO_PROVIDER},
    {0, {"no allowed providers"}, REMEDY_NONE, NAME_MODEL, S_NO_PROVIDER},
    {0, {"moderation"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content_filter"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content policy"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content_policy"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content management policy"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content exists risk"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"data_inspection"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"datainspection"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"inappropriate content"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"sensitive content"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"new_sensitive"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"guardrail"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"usage guidelines"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"usage policy"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"usage policies"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"was flagged"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"been flagged"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"flagged as"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"flagged for"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"flagged by"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"safety system"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"safety filter"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"safety check"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"safety_check"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"safety polic"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"safety reasons"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"due to safety"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"敏感内容"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    // Who asks.
    {429, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {401, {"not allowed to access model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {401, {NULL}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {400, {"location is not supported"}, REMEDY_NONE, NAME_NOTHING, S_REGION},
    {0, {"invalid api key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"invalid api_key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"invalid_api_key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api_key_invalid"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"incorrect api key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api key not valid"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api key not found"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api key expired"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api key is"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api key was"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api key required"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"no api key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"missing api key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"an api key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"valid api key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"your api key has"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"your api key does"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"authentication_error"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"authenticationerror"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"authentication error"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"authentication fail"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"authentication required"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"authentication token"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"invalid authentication"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"unauthenticated"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"unauthorized"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {403, {"region"}, REMEDY_NONE, NAME_NOTHING, S_REGION},
    {403, {"country"}, REMEDY_NONE, NAME_NOTHING, S_REGION},
    {403, {"location", "support"}, REMEDY_NONE, NAME_NOTHING, S_REGION},
    {403, {"cloudflare"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {403, {"model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {403, {NULL}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    // Forbidden, limited, and not found are each said of many things: what is more exact stands before the status
    // alone.
    {0, {"not found", "pull"}, REMEDY_NONE, NAME_MODEL, S_PULL},
    {0, {"unknown model error"}, REMEDY_AGAIN, NAME_NOTHING, S_OWN},
    {0, {"model_not_found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model_not_available"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model_not_supported"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model_deprecated"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model_decommissioned"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"deploymentnotfound"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model not found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model is not found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model '", "not found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model \"", "not found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model `", "not found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model:", "not found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"could not find", "model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model '", "not exist"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model \"", "not exist"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model `", "not exist"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model does not exist"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model not exist"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "does not exist or you do not"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "no longer available"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "no longer supported"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "no longer served"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model is deprecated"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"deprecated model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "decommissioned"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model `", "has been deprecated"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "identifier", "invalid"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "on-demand throughput"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "by any provider"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "only supported in"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"does not support chat"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"no such model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"unknown model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"unknown_model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model\n"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model."}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model:"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model,"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model name"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model id"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model specified"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model '"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model \""}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model `"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid_model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"not a valid model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"provide a model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"specify a model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model is required"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"模型不存在"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"no models loaded"}, REMEDY_NONE, NAME_MODEL, S_PULL},
    {400, {"tool"}, REMEDY_NONE, NAME_MODEL, S_TOOLS},
    {404, {"tool"}, REMEDY_NONE, NAME_MODEL, S_TOOLS},
    {400, {"api version"}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {404, {"cannot post"}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {404, {"no endpoints found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {404, {"model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"unexpected endpoint"}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {404, {NULL}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {405, {NULL}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {301, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {302, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {303, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {307, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {308, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    // What passes.
    {0, {"rate limit"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"rate_limit"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"too many requests"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"overloaded"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"capacity"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"server busy"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"too busy"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"high demand"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {529, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"invalid_request"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {0, {"permission_error"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {408, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_SLOW},
    {504, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_SLOW},
    {524, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_SLOW},
    {0, {"timed out"}, REMEDY_AGAIN, NAME_NOTHING, S_SLOW},
    {409, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_OWN},
    {424, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_OWN},
    {425, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_OWN},
};

// Without addresses: the words in those are of other things ("…/account/billing").
static void add_lower(struct buf *out, const char *text)
{
    while (*text != '\0') {
        if (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0)
            text += strcspn(text, " \t\r\n\"'<>()");
        else
            buf_char(out, (char)tolower((unsigned char)*text++));
    }
    buf_char(out, '\n'); // no words are found across two of them: "unavailable_error", "Loading model"
}

void diagnosis_words(const struct trouble *trouble, struct buf *out)
{
    add_lower(out, trouble->code);
    add_lower(out, trouble->type);
    add_lower(out, trouble->words);
}

// True if a word of `words` begins like this; behind a star, if it is anywhere.
static bool has_word(const char *words, const char *beginning)
{
    bool is_anywhere = *beginning == '*';
    beginning += is_anywhere;
    for (const char *at = words; (at = strstr(at, beginning)); at++)
        if (is_anywhere || at == words || !isalnum((unsigned char)at[-1]))
            return true;
    return false;
}

bool diagnosis_fits(const char *const *all, size_t n, const char *words)
{
    for (size_t i = 0; i < n && all[i]; i++)
        if (!has_word(words, all[i]))
            return false;
    return true;
}

const struct diagnosis *diagnosis_of(const struct trouble *trouble)
{
    static const struct diagnosis unknown[] = {
        {0, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_OWN},
        {0, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    };
    struct buf words = {0};
    const struct diagnosis *found = NULL;
    diagnosis_words(trouble, &words);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !found; i++)
        if ((rows[i].status == 0 || rows[i].status == trouble->status) &&
            diagnosis_fits(rows[i].all, 3, buf_cstr(&words)))
            found = &rows[i];
    buf_fini(&words);
    return found ? found : &unknown[trouble->status >= 400 && trouble->status < 500];
}
