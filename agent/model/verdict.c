// SPDX-License-Identifier: Apache-2.0
#include "agent/model/verdict.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/mask.h"
#include "base/utf8.h"

#define WORDS_MAX_BYTES 240  // of the server's in a sentence
#define WAIT_MAX_MS 86400000 // more than anybody waits
#define STRETCH_BYTES 24     // so much of what people said in a row is theirs, not the server's

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
    const struct diagnosis *row = diagnosis_of(trouble);
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

// How long the words ask to be left alone: "try again in 7m12.5s", "retry after 56 seconds". 0 if they do not say.
int64_t verdict_wait_ms(const struct trouble *trouble)
{
    static const char *const asked[] = {"again in ", "retry in ", "retry after "};
    static const struct {
        const char *unit; // "min" before "m": the first that fits
        double ms;
    } units[] = {{"ms", 1}, {"milli", 1}, {"s", 1000}, {"min", 60000}, {"m", 60000}, {"h", 3600000}};
    struct buf words = {0};
    double ms = 0;
    diagnosis_words(trouble, &words);
    const char *at = NULL;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0] && !at; i++)
        if ((at = strstr(buf_cstr(&words), asked[i])))
            at += strlen(asked[i]);
    while (at && isdigit((unsigned char)*at) && ms < WAIT_MAX_MS) {
        char *end;
        double count = strtod(at, &end);
        at = end + strspn(end, " ");
        size_t i = 0;
        while (i < sizeof units / sizeof units[0] && strncmp(at, units[i].unit, strlen(units[i].unit)) != 0)
            i++;
        if (i == sizeof units / sizeof units[0])
            break;
        ms += count * units[i].ms;
        at += strspn(at, "abcdefghijklmnopqrstuvwxyz");
    }
    buf_fini(&words);
    return ms < WAIT_MAX_MS ? (int64_t)ms : WAIT_MAX_MS;
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
    {{"only user and assistant roles", "initial"}, HABIT_NO_TOOLS, true},
    {{"only user", "roles"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"only user", "roles"}, HABIT_NO_TOOLS, true},
    {{"expected last role"}, HABIT_STRICT_ORDER, false},
    {{"role", "order"}, HABIT_STRICT_ORDER, false},
    {{"system role"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"system", "not support"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"system", "*n't support"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"role", "system"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"developer instruction"}, HABIT_NO_SYSTEM_ROLE, false},
    {{"body.tools"}, HABIT_NO_TOOLS, true},
    {{"streaming", "not support"}, HABIT_NO_STREAM, false},
    {{"streaming", "*n't support"}, HABIT_NO_STREAM, false},
    {{"stream", "unsupported"}, HABIT_NO_STREAM, false},
    {{"reasoning", "unsupported"}, HABIT_NO_EXTRAS, false},
    {{"reasoning", "not support"}, HABIT_NO_EXTRAS, false},
    {{"extra inputs", "not permitted"}, HABIT_NO_EXTRAS, false},
    {{"additional properties"}, HABIT_NO_EXTRAS, false},
    {{"property", "unsupported"}, HABIT_NO_EXTRAS, false},
    {{"extra fields", "not permitted"}, HABIT_NO_EXTRAS, false},
    {{"extra_forbidden"}, HABIT_NO_EXTRAS, false},
    {{"remove the reasoning"}, HABIT_NO_EXTRAS, false},
    {{"unknown parameter"}, HABIT_NO_EXTRAS, false},
    {{"unknown name"}, HABIT_NO_EXTRAS, false},
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
    // Without a status it came in a stream: what it says of tools may be of a call just made, and is no refusal.
    bool is_refusal = trouble->status == 0, may_be_tools = has_tools && trouble->status != 0;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        is_refusal |= trouble->status == refusals[i];
    enum remedy remedy = diagnosis_of(trouble)->remedy;
    if (!is_refusal || remedy == REMEDY_SHORTEN || remedy == REMEDY_TWICE)
        return HABIT__MAX;
    struct buf words = {0};
    diagnosis_words(trouble, &words);
    for (size_t i = 0; i < sizeof lessons / sizeof lessons[0] && found == HABIT__MAX; i++)
        if ((may_be_tools || !lessons[i].is_about_tools) && !habits_have(habits, lessons[i].habit) &&
            diagnosis_fits(lessons[i].all, 2, buf_cstr(&words)))
            found = lessons[i].habit;
    buf_fini(&words);
    return found;
}
