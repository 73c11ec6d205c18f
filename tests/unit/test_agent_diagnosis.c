// SPDX-License-Identifier: Apache-2.0
// The errors of model servers in their own words: what each means, how long it asks to wait, and where the words stand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/model/reply.h"
#include "agent/model/verdict.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

struct verdict_case {
    long status;
    const char *code, *words;
    enum remedy remedy;
    const char *part; // of the sentence
};

static void check_verdicts(const struct verdict_case *cases, size_t n, const char *url)
{
    const struct verdict_scene scene = {.model = "m", .url = url, .secret = "k3y"};
    for (size_t i = 0; i < n; i++) {
        struct trouble trouble = {.status = cases[i].status};
        struct verdict verdict;
        memcpy(trouble.code, cases[i].code, strlen(cases[i].code));
        memcpy(trouble.words, cases[i].words, strlen(cases[i].words));
        verdict_of(&trouble, &scene, &verdict);
        if (verdict.remedy != cases[i].remedy || !strstr(verdict.sentence, cases[i].part))
            fail_msg("%ld %s: %d %s", cases[i].status, cases[i].words, verdict.remedy, verdict.sentence);
    }
}

static void errors_have_sentences(void **state)
{
    (void)state;
    static const struct verdict_case cases[] = {
        {401, "", "Incorrect API key provided", REMEDY_NONE, "TRACE_MODEL_KEY"},
        {403, "", "Forbidden", REMEDY_NONE, "TRACE_MODEL_KEY"},
        {403, "", "unsupported country, region", REMEDY_NONE, "region"},
        {404, "", "model \"m\" not found, try pulling it first", REMEDY_NONE, "ollama pull"},
        {404, "model_not_found", "The model `m` does not exist", REMEDY_NONE, "does not know the model \"m\""},
        {404, "", "404 page not found", REMEDY_NONE, "There is no chat API at http://h:1/v1: check TRACE_MODEL_URL."},
        {200, "", "Unexpected endpoint or method.", REMEDY_NONE, "TRACE_MODEL_URL"},
        {429, "insufficient_quota", "You exceeded your current quota", REMEDY_NONE, "quota"},
        {429, "", "Rate limit reached: 3 requests per minute", REMEDY_AGAIN, "429"},
        {429, "", "", REMEDY_AGAIN, "429"},
        {402, "", "Payment Required", REMEDY_NONE, "credit"},
        {0, "1008", "insufficient balance", REMEDY_NONE, "credit"},
        {400, "context_length_exceeded", "maximum context length is 8192 tokens", REMEDY_SHORTEN,
         "TRACE_CONTEXT_TOKENS"},
        {413, "", "", REMEDY_SHORTEN, "longer than the context"},
        {503, "", "Loading model", REMEDY_WAIT, "being loaded"},
        {503, "", "Service Unavailable", REMEDY_AGAIN, "an error of its own"},
        {529, "overloaded_error", "Overloaded", REMEDY_AGAIN, "overloaded"},
        {400, "content_filter", "The response was filtered", REMEDY_NONE, "content rules"},
        {400, "", "this model does not support tools", REMEDY_NONE, "TRACE_MODEL_TOOLS=0"},
        {504, "", "", REMEDY_AGAIN, "took too long"},
        {400, "tool_use_failed", "Failed to call a function.", REMEDY_TWICE, "could not read"},
        {500, "", "error parsing tool call: raw='{', err=unexpected end", REMEDY_TWICE, "could not read"},
        {413, "", "Request too large: tokens per minute (TPM)", REMEDY_SHORTEN, "longer than the context"},
        {500, "", "boom", REMEDY_AGAIN, "It says: boom"},
        {422, "", "strange", REMEDY_NONE, "refused the request. It says: strange"},
        {0, "", "EngineCore encountered an issue", REMEDY_AGAIN, "EngineCore"},
    };
    check_verdicts(cases, COUNT(cases), "http://u:p@h:1/v1?key=x");
}

static void words_of_servers_have_meanings(void **state)
{
    (void)state;
    static const struct verdict_case cases[] = {
        {429, "429",
         "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 56 seconds. Please go here: https://aka.ms/oai/quotaincrease",
         REMEDY_AGAIN, "429"},
        {429, "rate_limit_exceeded",
         "Rate limit reached for m in organization o on requests per min. Limit: 3 / min. Please try again in 20s. Visit https://platform.openai.com/account/billing to add a payment method.",
         REMEDY_AGAIN, "429"},
        {429, "429",
         "You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: free_tier_requests, limit: 10, model: m Please retry in 38.2s.",
         REMEDY_AGAIN, "429"},
        {429, "429",
         "You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: free_tier_requests, limit: 0, model: m Please retry in 38.2s.",
         REMEDY_NONE, "quota"},
        {429, "", "Too many tokens, please wait before trying again.", REMEDY_AGAIN, "429"},
        {429, "429", "Rate limit exceeded for api_key: 8a6b. Limit type: requests. Current limit: 1, Remaining: 0.",
         REMEDY_AGAIN, "429"},
        {429, "429",
         "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
         REMEDY_NONE, "in a day"},
        {429, "rate_limit_exceeded",
         "Rate limit reached for m on tokens per day (TPD): Limit 100000, Used 99999. Please try again in 14m3s.",
         REMEDY_NONE, "in a day"},
        {429, "tokens",
         "Request too large for m in organization o on tokens per min (TPM): Limit 30000, Requested 40000.",
         REMEDY_SHORTEN, "TRACE_CONTEXT_TOKENS"},
        {403, "", "Your newly created team doesn't have any credits yet.", REMEDY_NONE, "credit"},
        {403, "403", "Key limit exceeded (total limit). Manage it using the settings", REMEDY_NONE, "credit"},
        {412, "", "Account a is suspended, possibly due to reaching the monthly spending limit", REMEDY_NONE, "credit"},
        {400, "budget_exceeded", "Budget has been exceeded! Current cost: 12.0, Max budget: 10.0", REMEDY_NONE,
         "credit"},
        {404, "404", "No endpoints found for x/m.", REMEDY_NONE, "\"m\""},
        {404, "404", "No allowed providers are available for the selected model.", REMEDY_NONE, "leave no provider"},
        {404, "404", "No endpoints found matching your data policy (Free model publication).", REMEDY_NONE,
         "leave no provider"},
        {404, "not_found_error", "model: claude-m", REMEDY_NONE, "does not know the model"},
        {404, "model_not_available", "Unable to access model m. Please visit the list of supported models.",
         REMEDY_NONE, "does not know the model"},
        {400, "", "The provided model identifier is invalid.", REMEDY_NONE, "does not know the model"},
        {400, "", "Invocation of model ID m with on-demand throughput isn't supported.", REMEDY_NONE,
         "does not know the model"},
        {400, "model_not_supported", "The requested model 'm' is not supported by any provider you have enabled.",
         REMEDY_NONE, "does not know the model"},
        {404, "404", "Resource not found", REMEDY_NONE, "TRACE_MODEL_URL"},
        {404, "404", "File Not Found", REMEDY_NONE, "TRACE_MODEL_URL"},
        {500, "api_error",
         "llama runner process has terminated: error loading model architecture: unknown model architecture: 'x'",
         REMEDY_NONE, "cannot load"},
        {500, "api_error", "model requires more system memory (8.0 GiB) than is available (5.6 GiB)", REMEDY_NONE,
         "cannot load"},
        {400, "", "Failed to load model \"m\". Error: Model loading was stopped due to insufficient system resources.",
         REMEDY_NONE, "cannot load"},
        {500, "500", "could not load model - all backends returned error: rpc error", REMEDY_NONE, "cannot load"},
        {503, "", "Model x is currently loading", REMEDY_WAIT, "being loaded"},
        {400, "", "Input length (19450 tokens) exceeds the maximum allowed length (4090 tokens).", REMEDY_SHORTEN,
         "context"},
        {400, "", "The decoder prompt (length 5000) is longer than the maximum model length of 4096.", REMEDY_SHORTEN,
         "context"},
        {400, "", "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
         REMEDY_SHORTEN, "context"},
        {422, "validation", "Input validation error: `inputs` must have less than 1024 tokens. Given: 3000",
         REMEDY_SHORTEN, "context"},
        {400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
         REMEDY_SHORTEN, "context"},
        {400, "invalid_request_error", "Invalid request: Your request exceeded model token limit: 8192", REMEDY_SHORTEN,
         "context"},
        {400, "", "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
         REMEDY_SHORTEN, "context"},
        {400, "400", "request (9120 tokens) exceeds the available context size (8192 tokens), try increasing it",
         REMEDY_SHORTEN, "context"},
        {400, "1261", "Prompt exceeds max length", REMEDY_SHORTEN, "context"},
        {403, "PERMISSION_DENIED",
         "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/"
         "us-central1/publishers/google/models/m' (or it may not exist).",
         REMEDY_NONE, "TRACE_MODEL."},
        {400, "FAILED_PRECONDITION", "User location is not supported for the API use.", REMEDY_NONE, "region"},
        {403, "", "Content violates usage guidelines. API key ID: k, Failed check: SAFETY_CHECK_TYPE_BIO", REMEDY_NONE,
         "content rules"},
        {503, "", "server busy, please try again.  maximum pending requests exceeded", REMEDY_AGAIN, "overloaded"},
        {529, "", "", REMEDY_AGAIN, "overloaded"},
        {424, "generation", "Request failed during generation: Server error", REMEDY_AGAIN, "of its own"},
        {409, "", "Conflict", REMEDY_AGAIN, "of its own"},
        {524, "", "", REMEDY_AGAIN, "took too long"},
    };
    check_verdicts(cases, COUNT(cases), "http://h:1/v1");
}

// Sentences in which words of one trouble stand although they tell of another, and troubles in less usual words.
static void words_that_look_alike_are_told_apart(void **state)
{
    (void)state;
    static const struct verdict_case cases[] = {
        {404, "", "The model 'super mini' does not exist", REMEDY_NONE, "does not know the model"},
        {500, "", "The model 'hyper minimal' crashed", REMEDY_AGAIN, "of its own"},
        {500, "", "CUDA error while offloading model layers to the device", REMEDY_AGAIN, "of its own"},
        {500, "", "An error occurred while loading the model", REMEDY_NONE, "cannot load"},
        {500, "", "error uploading model output to the cache", REMEDY_AGAIN, "of its own"},
        {503, "", "The server is restarting", REMEDY_AGAIN, "of its own"},
        {400, "", "This server was started without a parser for tool calls", REMEDY_NONE, "does not support tools"},
        {400, "400", "Please launch with --tool-call-parser to parse tool calls", REMEDY_NONE,
         "does not support tools"},
        {500, "", "error parsing tool call: raw='{\"query\":', err=unexpected end of JSON input", REMEDY_TWICE,
         "could not read"},
        {500, "500", "Failed to parse tool call arguments as JSON", REMEDY_TWICE, "could not read"},
        {503, "", "Insufficient capacity behind the load balancer", REMEDY_AGAIN, "overloaded"},
        {403, "30001", "Sorry, your account balance is insufficient", REMEDY_NONE, "credit"},
        {403, "AccountOverdueError", "The request failed because your account has an overdue balance.", REMEDY_NONE,
         "credit"},
        {400, "", "The thinking budget exceeded the maximum of 32768", REMEDY_NONE, "refused"},
        {400, "invalid_request_error", "`max_tokens` must be greater than `thinking.budget_tokens`", REMEDY_NONE,
         "refused"},
        {500, "", "write /root/.ollama/models: disk quota exceeded", REMEDY_NONE, "cannot load"},
        {429, "rate_limit_exceeded",
         "Rate limit reached for requests. Visit https://platform.openai.com/account/billing to add a payment method.",
         REMEDY_AGAIN, "429"},
        {404, "", "There is no such page. See https://docs.example/models/tools", REMEDY_NONE, "TRACE_MODEL_URL"},
        {429, "429", "Resource has been exhausted (e.g. check quota).", REMEDY_AGAIN, "429"},
        {429, "8",
         "Quota exceeded for aiplatform.googleapis.com/generate_content_requests_per_minute_per_project_per_base_model with base model: m.",
         REMEDY_AGAIN, "429"},
        {403, "", "You have exceeded a secondary rate limit. Please try again later.", REMEDY_AGAIN, "429"},
        {429, "", "Rate limit of 150 per 86400s exceeded for UserByModelByDay", REMEDY_NONE, "in a day"},
        {429, "429",
         "Rate limit exceeded: free-models-per-min. Add 10 credits to unlock 1000 free model requests per day",
         REMEDY_AGAIN, "429"},
        {429, "", "Too many requests. Your daily usage is shown in the console.", REMEDY_AGAIN, "429"},
        {429, "", "You are using a Trial key, which is limited to 1000 API calls / month.", REMEDY_NONE, "credit"},
        {429, "3040", "You have used up your daily free allocation of 10,000 neurons", REMEDY_NONE, "in a day"},
        {429, "", "Too many tokens requested in the last minute.", REMEDY_AGAIN, "429"},
        {429, "rate_limit_error", "This request would exceed the rate limit of your organization for input tokens",
         REMEDY_AGAIN, "429"},
        {400, "invalid_request_error",
         "You have reached your specified API usage limits. You will regain access on 2026-12-01.", REMEDY_NONE,
         "credit"},
        {400, "", "Unrecognized request argument supplied: context_length", REMEDY_NONE, "refused"},
        {400, "unknown_parameter", "Unknown parameter: 'context_window'.", REMEDY_NONE, "refused"},
        {400, "string_above_max_length", "Invalid input: 'user' is too long (at most 64 characters).", REMEDY_NONE,
         "refused"},
        {500, "500", "input is too large to process. increase the physical batch size", REMEDY_SHORTEN, "context"},
        {400, "", "<400> InternalError.Algo.InvalidParameter: The value is case-insensitive: content must be a string",
         REMEDY_NONE, "refused"},
        {400, "", "Header names are case-sensitive: Content-Type is required", REMEDY_NONE, "refused"},
        {400, "", "This endpoint is feature-flagged", REMEDY_NONE, "refused"},
        {400, "", "Invalid JSON payload received. Unknown name \"safety_settings\": Cannot find field.", REMEDY_NONE,
         "refused"},
        {500, "", "a thread-safety violation was detected", REMEDY_AGAIN, "of its own"},
        {400, "", "The response was blocked due to safety", REMEDY_NONE, "content rules"},
        {400, "DataInspectionFailed", "Input data may contain inappropriate content.", REMEDY_NONE, "content rules"},
        {404, "", "The model m is not available for your API key", REMEDY_NONE, "does not know the model"},
        {502, "", "The authentication service is away", REMEDY_AGAIN, "of its own"},
        {500, "", "The pool of api keys of the gateway is empty", REMEDY_AGAIN, "of its own"},
        {401, "", "litellm: key not allowed to access model. This key can only access models=['a']", REMEDY_NONE,
         "does not know the model"},
        {400, "400", "API key expired. Please renew the API key.", REMEDY_NONE, "TRACE_MODEL_KEY"},
        {401, "", "Access denied due to invalid subscription key or wrong API endpoint.", REMEDY_NONE,
         "TRACE_MODEL_KEY"},
        {403, "", "Attention Required! | Cloudflare Sorry, you have been blocked", REMEDY_NONE, "refused"},
        {403, "unsupported_country_region_territory", "Country, region, or territory not supported", REMEDY_NONE,
         "region"},
        {400, "", "tool_call_id call_1 was not found in the messages for the model", REMEDY_NONE,
         "does not support tools"},
        {400, "", "The parameter 'functions' is deprecated for this model.", REMEDY_NONE, "refused"},
        {404, "", "The model `m` has been deprecated.", REMEDY_NONE, "does not know the model"},
        {502, "", "Invalid model response", REMEDY_AGAIN, "of its own"},
        {400, "", "Invalid model: m", REMEDY_NONE, "does not know the model"},
        {400, "invalid_model", "Invalid model 'm'. Permitted models can be found in the documentation", REMEDY_NONE,
         "does not know the model"},
        {500, "", "An unknown model error occurred", REMEDY_AGAIN, "of its own"},
        {400, "", "The model is no longer waiting for this request", REMEDY_NONE, "refused"},
        {404, "", "Cannot POST /v1/model/chat/completions", REMEDY_NONE, "TRACE_MODEL_URL"},
        {400, "", "API version not supported", REMEDY_NONE, "TRACE_MODEL_URL"},
        {400, "", "This model is only supported in v1/responses and not in v1/chat/completions.", REMEDY_NONE,
         "does not know the model"},
        {400, "", "\"nomic-embed-text\" does not support chat", REMEDY_NONE, "does not know the model"},
        {503, "", "Service is too busy. We advise users to temporarily switch to alternative providers.", REMEDY_AGAIN,
         "overloaded"},
    };
    check_verdicts(cases, COUNT(cases), "http://h:1/v1");
}

static void waits_are_read_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        int64_t ms;
    } cases[] = {
        {"Please try again in 7.5s. Visit the limits.", 7500},
        {"Please try again in 7m12.5s.", 432500},
        {"Please try again in 340ms.", 340},
        {"Please retry after 56 seconds. Please go", 56000},
        {"Please retry in 38.25s.", 38250},
        {"Please retry after 86400 seconds.", 86400000},
        {"Try again in a few minutes.", 0},
        {"try again in 5 minutes", 300000},
        {"Please retry after 2 tries", 0},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct trouble trouble = {0};
        memcpy(trouble.words, cases[i].words, strlen(cases[i].words));
        if (verdict_wait_ms(&trouble) != cases[i].ms)
            fail_msg("%s: %lld", cases[i].words, (long long)verdict_wait_ms(&trouble));
    }
}

static void bodies_of_refusals_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *body, *words, *type;
    } cases[] = {
        {"{\"message\":\"Unauthorized\",\"request_id\":\"r\"}", "Unauthorized", ""},
        {"{\"Message\":\"Forbidden\"}", "Forbidden", ""},
        {"{\"error\":\"no\",\"error_type\":\"overloaded\"}", "no", ""},
        {"{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"stream_options\"],"
         "\"msg\":\"Extra\"}]},\"type\":\"invalid_request_error\"}",
         "Extra, at body.stream_options", "extra_forbidden"},
        {"{\"error\":{\"code\":429,\"message\":\"no\",\"details\":[{\"violations\":[{\"quotaId\":\"PerMinute\"},{\"quotaId\":"
         "\"PerDay\"}]}]}}",
         "no", "PerMinute PerDay"},
        {"{\"other\":1}", "{\"other\":1}", ""},
        {"<html><head><style>p { x }</style><title>502</title><SCRIPT>a<b</SCRIPT></head><p>Bad</p></html>", "502 Bad",
         ""},
        {"<style>never closed", "never closed", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reply reply = {0};
        struct trouble trouble = {0};
        reply_take_refusal(&reply, str_from(cases[i].body), &trouble);
        assert_string_equal(trouble.words, cases[i].words);
        assert_string_equal(trouble.type, cases[i].type);
        reply_fini(&reply);
    }
}

static void errors_of_all_forms_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *event, *document, *words, *code;
    } cases[] = {
        {"", "{\"error\":\"no\"}", "no", ""},
        {"", "{\"error\":{\"message\":\"no\",\"code\":\"c\"}}", "no", "c"},
        {"", "{\"error\":{\"message\":\"Provider returned error\",\"code\":502,\"metadata\":{\"raw\":\"it broke\"}}}",
         "Provider returned error: it broke", "502"},
        {"", "{\"object\":\"error\",\"message\":\"no\",\"code\":500}", "no", "500"},
        {"", "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"no\"}}", "no", ""},
        {"error", "{\"message\":\"no\"}", "no", ""},
        {"error", "{\"text\":\"no\"}", "{\"text\":\"no\"}", ""},
        {"", "{\"choices\":null,\"base_resp\":{\"status_code\":1008,\"status_msg\":\"no\"}}", "no", "1008"},
        {"", "{\"detail\":\"no\"}", "no", ""},
        {"", "{\"detail\":[{\"msg\":\"no\",\"loc\":[\"body\",\"messages\",2]}]}", "no, at body.messages.2", ""},
        {"", "{\"error\":{\"message\":\"no\",\"param\":\"seed\"}}", "no, at seed", ""},
        {"", "{\"error\":{\"message\":\"{\\\"error\\\":{\\\"code\\\":429,\\\"message\\\":\\\"no\\\"}}\",\"code\":502}}",
         "no", "429"},
        {"", "{\"fault\":{\"faultstring\":\"no\"}}", "no", ""},
        {"", "{\"errors\":[{\"message\":\"no\"}]}", "no", ""},
        {"", "{\"message\":\"no\",\"statusCode\":400}", "no", "400"},
        {"", "[{\"error\":{\"message\":\"no\",\"code\":400}}]", "no", "400"},
        {"", "{\"choices\":[{\"delta\":{},\"error\":{\"message\":\"no\"}}]}", "no", ""},
        {"", "{\"error\":null,\"choices\":[]}", NULL, NULL},
        {"", "{\"choices\":[],\"base_resp\":{\"status_code\":0,\"status_msg\":\"\"}}", NULL, NULL},
        {"", "{\"choices\":[],\"usage\":{}}", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *document = json_loads(cases[i].document, 0, NULL);
        struct trouble trouble = {0};
        assert_non_null(document);
        if (trouble_find(document, cases[i].event, &trouble) != (cases[i].words != NULL))
            fail_msg("%s", cases[i].document);
        if (cases[i].words) {
            assert_string_equal(trouble.words, cases[i].words);
            assert_string_equal(trouble.code, cases[i].code);
        }
        json_decref(document);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_sentences),
        cmocka_unit_test(words_of_servers_have_meanings),
        cmocka_unit_test(words_that_look_alike_are_told_apart),
        cmocka_unit_test(waits_are_read_in_words),
        cmocka_unit_test(bodies_of_refusals_are_read),
        cmocka_unit_test(errors_of_all_forms_are_found),
    };
    return cmocka_run_group_tests_name("agent diagnosis", tests, NULL, NULL);
}
