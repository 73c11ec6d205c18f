// SPDX-License-Identifier: Apache-2.0
#include "agent/demo/words.h"
#include "base/buf.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *const common[] = {
    "about",     "again",   "also",     "and",     "any",   "anybody", "anyone",    "are",     "been",  "but",
    "can",       "could",   "did",      "does",    "doing", "done",    "find",      "for",     "from",  "get",
    "give",      "had",     "has",      "have",    "hello", "help",    "here",      "hey",     "how",   "into",
    "its",       "just",    "know",     "last",    "let",   "like",    "made",      "make",    "many",  "may",
    "me",        "message", "messages", "more",    "most",  "much",    "must",      "need",    "not",   "now",
    "off",       "once",    "one",      "our",     "out",   "over",    "please",    "said",    "say",   "search",
    "shall",     "she",     "should",   "show",    "since", "some",    "someone",   "still",   "such",  "sum",
    "tell",      "thank",   "thanks",   "that",    "the",   "their",   "them",      "then",    "there", "these",
    "they",      "thing",   "things",   "think",   "this",  "those",   "to",        "too",     "us",    "use",
    "very",      "want",    "was",      "were",    "what",  "when",    "where",     "which",   "who",   "whom",
    "whose",     "why",     "will",     "with",    "would", "yes",     "yesterday", "yet",     "you",   "your",
    "internet",  "web",     "decide",   "decided", "know",  "wrote",   "write",     "written", "ok",    "okay",
    "workspace",
};

static bool is_common(const char *word)
{
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (strcmp(common[i], word) == 0)
            return true;
    return false;
}

static bool is_known(struct words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(buf_cstr(&words->word[i]), word) == 0)
            return true;
    return false;
}

// Every byte beyond ASCII counts as a letter.
static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static void take_word(struct words *words, const char *p, size_t n)
{
    struct buf word = {0};
    for (size_t i = 0; i < n; i++)
        buf_char(&word, (char)tolower((unsigned char)p[i]));
    if (n < 3 || n > 40 || words->count == WORDS_MAX || is_common(buf_cstr(&word)) || is_known(words, buf_cstr(&word)))
        buf_fini(&word);
    else
        words->word[words->count++] = word;
}

void words_find(const char *question, struct words *words)
{
    const char *p = question;
    *words = (struct words){0};
    while (*p != '\0') {
        size_t n = 0;
        if (*p == '[' && strchr(p, ']')) {
            p = strchr(p, ']') + 1;
            continue;
        }
        if (*p == '@' || strncmp(p, "http://", 7) == 0 || strncmp(p, "https://", 8) == 0) {
            p += strcspn(p + 1, " \t\r\n") + 1;
            continue;
        }
        while (is_letter(p[n]) || ((p[n] == '-' || p[n] == '_') && n > 0 && is_letter(p[n + 1])))
            n++;
        if (n > 0)
            take_word(words, p, n);
        p += n > 0 ? n : 1;
    }
}

void words_fini(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        buf_fini(&words->word[i]);
    words->count = 0;
}

// Counts the words that come before this one when the longest come first.
static size_t rank(struct words *words, size_t at)
{
    size_t before = 0;
    for (size_t i = 0; i < words->count; i++)
        before += words->word[i].n > words->word[at].n || (words->word[i].n == words->word[at].n && i < at);
    return before;
}

const char *words_by_length(struct words *words, size_t nth)
{
    for (size_t i = 0; i < words->count; i++)
        if (rank(words, i) == nth)
            return buf_cstr(&words->word[i]);
    return NULL;
}

void words_join(struct words *words, size_t most, struct buf *out)
{
    bool is_first = true;
    for (size_t i = 0; i < words->count; i++) {
        if (rank(words, i) >= most)
            continue;
        buf_printf(out, "%s%s", is_first ? "" : " ", buf_cstr(&words->word[i]));
        is_first = false;
    }
}
