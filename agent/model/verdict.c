// SPDX-License-Identifier: Apache-2.0
#include "agent/model/verdict.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/mask.h"
#include "base/utf8.h"

#define WORDS_MAX_BYTES 240 // of the server's in a sentence
#define STRETCH_BYTES 24    // so much of what people said in a row is theirs, not the server's

enum naming { NAME_NOTHING, NAME_MODEL, NAME_URL };

// The first row that fits counts. `all` are words that must each be there, in lower case; status 0 is any.
struct row {
    long status;
    const char *all[3];
    enum remedy remedy;
    enum naming naming; // of what %s stands for
    const char *sentence;
};

#define S_PULL                                                                                                         \
    "The model %s is not on its server: pull it there (with Ollama: ollama pull), or name another one in "             \
    "TRACE_MODEL."
#define S_MODEL "The model's server does not know the model %s: check TRACE_MODEL."
#define S_ADDRESS "There is no chat API at %s: check TRACE_MODEL_URL."
#define S_KEY "The model's server does not accept the key: check TRACE_MODEL_KEY."
#define S_QUOTA "The account at the model's server has no quota or credit left: check its plan and billing."
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

static const struct row rows[] = {
    {413, {NULL}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"per minute"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"tool_use_failed"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"failed_generation"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"malformed_function_call"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"pars", "tool call"}, REMEDY_TWICE, NAME_NOTHING, S_MALFORMED},
    {0, {"loading", "model"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"is loading"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {503, {"loading"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {503, {"warming"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {503, {"starting"}, REMEDY_WAIT, NAME_MODEL, S_LOADING},
    {0, {"insufficient_quota"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"insufficient", "balance"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"insufficient", "credit"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"exceeded", "quota"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"credit balance"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"billing"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"arrearage"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {402, {NULL}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {429, {"quota"}, REMEDY_NONE, NAME_NOTHING, S_QUOTA},
    {0, {"context_length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"context length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"context window"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"context size"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"available context"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"maximum context"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"too many tokens"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"prompt", "too long"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"input", "too long"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"inputs", "tokens", "must be"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"input token", "exceed"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"reduce the length"}, REMEDY_SHORTEN, NAME_MODEL, S_CONTEXT},
    {0, {"moderation"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content_filter"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content policy"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content_policy"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content management policy"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"content exists risk"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"data_inspection"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"sensitive", "content"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"flagged"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {0, {"safety"}, REMEDY_NONE, NAME_NOTHING, S_MODERATION},
    {401, {NULL}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"api_key"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"authentication"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"unauthorized"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {403, {"region"}, REMEDY_NONE, NAME_NOTHING, S_REGION},
    {403, {"country"}, REMEDY_NONE, NAME_NOTHING, S_REGION},
    {403, {"location"}, REMEDY_NONE, NAME_NOTHING, S_REGION},
    {403, {"model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {403, {NULL}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {0, {"not found", "pull"}, REMEDY_NONE, NAME_MODEL, S_PULL},
    {0, {"model_not_found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"deploymentnotfound"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "not found"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "not exist"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "no longer"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"model", "deprecated"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"no such model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"unknown model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"invalid model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"not a valid model"}, REMEDY_NONE, NAME_MODEL, S_MODEL},
    {0, {"no models loaded"}, REMEDY_NONE, NAME_MODEL, S_PULL},
    {400, {"tool"}, REMEDY_NONE, NAME_MODEL, S_TOOLS},
    {404, {"tool"}, REMEDY_NONE, NAME_MODEL, S_TOOLS},
    {0, {"unexpected endpoint"}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {404, {NULL}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {405, {NULL}, REMEDY_NONE, NAME_URL, S_ADDRESS},
    {301, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {302, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {303, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {307, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {308, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REDIRECT},
    {0, {"rate limit"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"rate_limit"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"too many requests"}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {429, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_RATE},
    {0, {"overloaded"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"capacity"}, REMEDY_AGAIN, NAME_NOTHING, S_OVERLOADED},
    {0, {"invalid_request"}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    {0, {"permission_error"}, REMEDY_NONE, NAME_NOTHING, S_KEY},
    {408, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_SLOW},
    {504, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_SLOW},
    {0, {"timed out"}, REMEDY_AGAIN, NAME_NOTHING, S_SLOW},
};

static void add_lower(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        buf_char(out, (char)tolower((unsigned char)*text));
    buf_char(out, ' ');
}

static void all_words(const struct trouble *trouble, struct buf *out)
{
    add_lower(out, trouble->code);
    add_lower(out, trouble->type);
    add_lower(out, trouble->words);
}

static bool fits(const char *const *all, size_t n, const char *words)
{
    for (size_t i = 0; i < n && all[i]; i++)
        if (!strstr(words, all[i]))
            return false;
    return true;
}

static const struct row *row_of(const struct trouble *trouble)
{
    static const struct row unknown[] = {
        {0, {NULL}, REMEDY_AGAIN, NAME_NOTHING, S_OWN},
        {0, {NULL}, REMEDY_NONE, NAME_NOTHING, S_REFUSED},
    };
    struct buf words = {0};
    const struct row *found = NULL;
    all_words(trouble, &words);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !found; i++)
        if ((rows[i].status == 0 || rows[i].status == trouble->status) && fits(rows[i].all, 3, buf_cstr(&words)))
            found = &rows[i];
    buf_fini(&words);
    if (!found)
        found = &unknown[trouble->status >= 400 && trouble->status < 500];
    return found;
}

static void replace_all(struct buf *text, const char *what, const char *with)
{
    size_t n = strlen(what);
    struct buf replaced = {0};
    const char *at = buf_cstr(text);
    for (const char *hit; n > 0 && (hit = strstr(at, what)); at = hit + n) {
        buf_bytes(&replaced, at, (size_t)(hit - at));
        buf_str(&replaced, str_from(with));
    }
    buf_str(&replaced, str_from(at));
    buf_fini(text);
    *text = replaced;
}

// How many bytes at `at` stand in `said`, too.
static size_t stretch_at(struct str at, struct str said)
{
    const char *hit = at.n >= STRETCH_BYTES && said.n > 0 ? memmem(said.p, said.n, at.p, STRETCH_BYTES) : NULL;
    if (!hit)
        return 0;
    size_t n = STRETCH_BYTES;
    while (n < at.n && hit + n < said.p + said.n && at.p[n] == hit[n])
        n++;
    return n;
}

void verdict_forget(struct trouble *trouble, struct str said)
{
    struct buf kept = {0}, mended = {0};
    struct str rest = str_from(trouble->words);
    while (rest.n > 0) {
        size_t n = stretch_at(rest, said);
        if (n > 0)
            buf_lit(&kept, "[…]");
        else
            buf_char(&kept, rest.p[0]);
        rest = str_skip(rest, n > 0 ? n : 1);
    }
    utf8_mend(&mended, buf_view(&kept)); // a stretch may end inside a character
    struct str cut = utf8_prefix(buf_view(&mended), sizeof trouble->words - 1);
    memcpy(trouble->words, cut.n > 0 ? cut.p : "", cut.n);
    trouble->words[cut.n] = '\0';
    buf_fini(&kept);
    buf_fini(&mended);
}

void verdict_mask(const char *words, const struct verdict_scene *scene, size_t most, struct buf *out)
{
    struct buf kept = {0};
    buf_str(&kept, str_from(words));
    replace_all(&kept, scene->secret, "[masked]");
    char *masked = mask_string(buf_cstr(&kept));
    buf_clear(&kept);
    utf8_mend(&kept, str_from(masked));
    struct str cut = utf8_prefix(buf_view(&kept), most);
    buf_str(out, cut);
    if (cut.n < kept.n)
        buf_lit(out, "…");
    free(masked);
    buf_fini(&kept);
}

// The address without what may be secret in it: user, query and fragment.
static void add_address(struct buf *out, const char *url)
{
    const char *host = strstr(url, "://");
    size_t n = strcspn(url, "?#");
    host = host ? host + 3 : url;
    const char *at = memchr(host, '@', strcspn(host, "/?#"));
    buf_bytes(out, url, (size_t)(host - url));
    host = at ? at + 1 : host;
    buf_bytes(out, host, (size_t)(url + n - host));
}

void verdict_of(const struct trouble *trouble, const struct verdict_scene *scene, struct verdict *verdict)
{
    const struct row *row = row_of(trouble);
    struct buf sentence = {0}, named = {0};
    const char *gap = strstr(row->sentence, "%s");
    if (row->naming == NAME_URL)
        add_address(&named, scene->url);
    else if (scene->model[0] != '\0')
        buf_printf(&named, "\"%s\"", scene->model);
    if (gap) {
        buf_bytes(&sentence, row->sentence, (size_t)(gap - row->sentence));
        // Without a name there is one blank less.
        buf_str(&sentence, buf_view(&named));
        buf_str(&sentence, str_from(gap + 2 + (named.n == 0 && gap[2] == ' ')));
    } else {
        buf_str(&sentence, str_from(row->sentence));
    }
    if (trouble->words[0] != '\0') {
        buf_lit(&sentence, " It says: ");
        verdict_mask(trouble->words, scene, WORDS_MAX_BYTES, &sentence);
    }
    verdict->remedy = row->remedy;
    (void)snprintf(verdict->sentence, sizeof verdict->sentence, "%s", buf_cstr(&sentence));
    buf_fini(&sentence);
    buf_fini(&named);
}

// Which words of a refusal tell of which habit; of several rows that fit, the first that is not known yet.
static const struct lesson {
    const char *all[2];
    enum habit habit;
    bool is_about_tools; // only of a request that had some
} lessons[] = {
    {{"stream_options"}, HABIT_NO_STREAM_OPTIONS, false},
    {{"include_usage"}, HABIT_NO_STREAM_OPTIONS, false},
    {{"parallel_tool_calls"}, HABIT_NO_PARALLEL_CALLS, false},
    {{"parallel", "tool"}, HABIT_NO_PARALLEL_CALLS, false},
    {{"role", "after role"}, HABIT_STRICT_ORDER, false},
    {{"role", "alternat"}, HABIT_STRICT_ORDER, false},
    {{"roles must"}, HABIT_STRICT_ORDER, false},
    {{"expected last role"}, HABIT_STRICT_ORDER, false},
    {{"role", "order"}, HABIT_STRICT_ORDER, false},
    {{"system role"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"system", "not support"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"role", "system"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"developer instruction"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"streaming", "not support"}, HABIT_NO_STREAM, false},
    {{"stream", "unsupported"}, HABIT_NO_STREAM, false},
    {{"reasoning", "unsupported"}, HABIT_NO_EXTRAS, false},
    {{"reasoning", "not support"}, HABIT_NO_EXTRAS, false},
    {{"extra inputs", "not permitted"}, HABIT_NO_EXTRAS, false},
    {{"additional properties"}, HABIT_NO_EXTRAS, false},
    {{"property", "unsupported"}, HABIT_NO_EXTRAS, false},
    {{"unknown field"}, HABIT_NO_EXTRAS, false},
    {{"unrecognized"}, HABIT_NO_EXTRAS, false},
    {{"tool"}, HABIT_NO_TOOLS, true},
    {{"function call"}, HABIT_NO_TOOLS, true},
    {{"functions"}, HABIT_NO_TOOLS, true},
};

enum habit verdict_habit(const struct trouble *trouble, const struct habits *habits, bool has_tools)
{
    static const long refusals[] = {400, 404, 405, 422, 500, 501};
    enum habit found = HABIT__MAX;
    bool is_refusal = false;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        is_refusal |= trouble->status == refusals[i];
    enum remedy remedy = row_of(trouble)->remedy;
    if (!is_refusal || remedy == REMEDY_SHORTEN || remedy == REMEDY_TWICE)
        return HABIT__MAX;
    struct buf words = {0};
    all_words(trouble, &words);
    for (size_t i = 0; i < sizeof lessons / sizeof lessons[0] && found == HABIT__MAX; i++)
        if ((has_tools || !lessons[i].is_about_tools) && !habits_have(habits, lessons[i].habit) &&
            fits(lessons[i].all, 2, buf_cstr(&words)))
            found = lessons[i].habit;
    buf_fini(&words);
    return found;
}
