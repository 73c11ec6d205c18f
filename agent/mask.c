// SPDX-License-Identifier: Apache-2.0
#include "agent/mask.h"
#include "base/buf.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MASK_TEXT "[masked]"
#define SHOWN 4       // of a run judged by its own look
#define OWN_LEAST 8   // a shorter key would mask words
#define RUN_HELD 4096 // a longer run is judged by its beginning

enum expectation { EXPECT_NOTHING, EXPECT_SECRET, EXPECT_BEARER };

struct mask {
    struct buf run;
    struct buf between; // the characters since the run before this one, at most a few
    char last_word[32]; // the run before this one, lower case
    enum expectation expected;
    bool after_url_user; // "://user:" has been seen: this run is a password if an @ follows
    bool after_scheme;   // "://" has been seen: this run may be a user name
    size_t emitted;      // of the run
    bool overlong;       // the run was judged before its end, and the rest of it goes the same way
    bool overlong_secret;
};

struct prefix {
    const char *text;
    size_t min_len;
};

static const struct prefix prefixes[] = {
    {"sk-", 20},   {"sk_live_", 16}, {"sk_test_", 16},    {"rk_live_", 16}, {"ghp_", 20},  {"gho_", 20},
    {"ghu_", 20},  {"ghs_", 20},     {"ghr_", 20},        {"glpat-", 20},   {"xoxb-", 16}, {"xoxp-", 16},
    {"xoxa-", 16}, {"xoxs-", 16},    {"github_pat_", 24}, {"AKIA", 20},     {"ASIA", 20},  {"AIza", 30},
    {"ya29.", 20}, {"npm_", 30},     {"hf_", 24},         {"SG.", 30},      {"atk_", 16},  {"eyJ", 40},
    {"pypi-", 30}, {"dop_v1_", 30},  {"shpat_", 24},      {"whsec_", 20},   {"gsk_", 24},  {"xai-", 24},
};

static const char *const secret_names[] = {"password", "passwd", "passphrase", "secret",
                                           "api_key",  "apikey", "api-key",    "token"};

// The longest stretch of key characters in each key of our own; kept as long as the process.
static char *own[MASK_OWN_MAX];
static size_t own_count;

struct mask *mask_new(void)
{
    return mem_zero(sizeof(struct mask));
}

void mask_free(struct mask *mask)
{
    if (!mask)
        return;
    buf_fini(&mask->run);
    buf_fini(&mask->between);
    free(mask);
}

static bool is_run_char(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("_.+~-", c));
}

void mask_own(const char *secret)
{
    struct str longest = STR("");
    for (const char *p = secret; *p != '\0';) {
        size_t n = 0;
        while (is_run_char(p[n]))
            n++;
        if (n > longest.n)
            longest = (struct str){p, n};
        p += n > 0 ? n : 1;
    }
    if (longest.n >= OWN_LEAST && own_count < MASK_OWN_MAX)
        own[own_count++] = mem_dup(longest);
}

bool mask_has_own(const char *s)
{
    for (size_t i = 0; i < own_count; i++)
        if (strstr(s, own[i]))
            return true;
    return false;
}

static bool has_known_prefix(const char *run, size_t n)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (n >= prefixes[i].min_len && strncmp(run, prefixes[i].text, strlen(prefixes[i].text)) == 0)
            return true;
    return false;
}

// A long word in which upper case, lower case and digits are well mixed looks random; identifiers and hexadecimal
// hashes do not.
static bool looks_random(const char *run, size_t n)
{
    size_t upper = 0, lower = 0, digits = 0;
    if (n < 40 || memchr(run, '.', n))
        return false;
    for (size_t i = 0; i < n; i++) {
        upper += isupper((unsigned char)run[i]) != 0;
        lower += islower((unsigned char)run[i]) != 0;
        digits += isdigit((unsigned char)run[i]) != 0;
    }
    return upper * 8 >= n && lower * 8 >= n && digits >= 4;
}

static bool names_a_secret(const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i < sizeof secret_names / sizeof secret_names[0]; i++) {
        size_t len = strlen(secret_names[i]);
        if (n >= len && strcmp(word + n - len, secret_names[i]) == 0)
            return true;
    }
    return false;
}

// Derives from the word before and the characters in between what to expect of the run that begins now.
static void expect(struct mask *mask)
{
    const char *between = buf_cstr(&mask->between);
    size_t n = mask->between.n;
    bool assigned = n > 0 && n <= 6 && strspn(between, " \t:=\"'`") == n && strpbrk(between, ":=");
    bool scheme = n == 3 && strcmp(between, "://") == 0;

    mask->expected = EXPECT_NOTHING;
    if (assigned && names_a_secret(mask->last_word))
        mask->expected = EXPECT_SECRET;
    else if (strcmp(mask->last_word, "bearer") == 0 && n > 0 && strspn(between, " ") == n)
        mask->expected = EXPECT_BEARER;
    mask->after_url_user = mask->after_scheme && n == 1 && between[0] == ':';
    mask->after_scheme = scheme;
}

static bool is_secret(struct mask *mask, char next)
{
    const char *run = buf_cstr(&mask->run);
    size_t n = mask->run.n;
    if (mask_has_own(buf_cstr(&mask->run)))
        return true;
    if (mask->expected == EXPECT_SECRET && n >= 6)
        return true;
    if (mask->expected == EXPECT_BEARER && n >= 16)
        return true;
    if (mask->after_url_user && next == '@')
        return true;
    return has_known_prefix(run, n) || looks_random(run, n);
}

// Where the surroundings decide, nothing of the run may be shown before its end is known.
static size_t shown_of(struct mask *mask)
{
    return mask->expected == EXPECT_NOTHING && !mask->after_url_user ? SHOWN : 0;
}

static void emit_run_until(struct mask *mask, size_t end, struct buf *out)
{
    if (mask->emitted < end) {
        buf_bytes(out, mask->run.p + mask->emitted, end - mask->emitted);
        mask->emitted = end;
    }
}

static void end_run(struct mask *mask, char next, struct buf *out)
{
    size_t n = mask->run.n;
    if (n == 0)
        return;
    if (!mask->overlong) {
        if (is_secret(mask, next))
            buf_str(out, str_from(MASK_TEXT));
        else
            emit_run_until(mask, n, out);
    }
    n = n < sizeof mask->last_word ? n : sizeof mask->last_word - 1;
    for (size_t i = 0; i < n; i++)
        mask->last_word[i] = (char)tolower((unsigned char)mask->run.p[mask->run.n - n + i]);
    mask->last_word[n] = '\0';
    mask->overlong = false;
    buf_clear(&mask->run);
    buf_clear(&mask->between);
}

static void add_to_run(struct mask *mask, char c, struct buf *out)
{
    if (mask->overlong) {
        if (!mask->overlong_secret)
            buf_char(out, c);
        return;
    }
    if (mask->run.n == 0) {
        expect(mask);
        mask->emitted = 0;
    }
    buf_char(&mask->run, c);
    if (mask->run.n <= shown_of(mask))
        emit_run_until(mask, mask->run.n, out);
    if (mask->run.n >= RUN_HELD) {
        mask->overlong = true;
        mask->overlong_secret = is_secret(mask, c);
        if (mask->overlong_secret)
            buf_str(out, str_from(MASK_TEXT));
        else
            emit_run_until(mask, mask->run.n, out);
    }
}

void mask_feed(struct mask *mask, const char *p, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (is_run_char(p[i])) {
            add_to_run(mask, p[i], out);
            continue;
        }
        end_run(mask, p[i], out);
        buf_char(out, p[i]);
        if (mask->between.n < 8)
            buf_char(&mask->between, p[i]);
    }
}

void mask_finish(struct mask *mask, struct buf *out)
{
    end_run(mask, '\0', out);
    mask->last_word[0] = '\0';
    mask->after_scheme = false;
    buf_clear(&mask->between);
}

char *mask_string(const char *s)
{
    struct mask *mask = mask_new();
    struct buf out = {0};
    mask_feed(mask, s, strlen(s), &out);
    mask_finish(mask, &out);
    mask_free(mask);
    return buf_take(&out);
}
