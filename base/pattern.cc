// SPDX-License-Identifier: Apache-2.0
#include "base/pattern.h"

#include <re2/re2.h>

struct pattern {
    RE2 compiled;

    pattern(const re2::StringPiece &text, const RE2::Options &options) : compiled(text, options)
    {
    }
};

namespace
{
// Of one expression with the states that it has needed so far, for each worker.
constexpr int64_t MEMORY_BYTES = 512 << 10;

const char *why_not(const RE2 &compiled)
{
    switch (compiled.error_code()) {
    case RE2::ErrorPatternTooLarge:
    case RE2::ErrorRepeatSize:
        return "is too large";
    case RE2::ErrorMissingBracket:
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen:
        return "has a bracket that is not closed, or not opened";
    case RE2::ErrorBadEscape:
    case RE2::ErrorTrailingBackslash:
        return "has an escape that is none; there are no back references";
    case RE2::ErrorRepeatArgument:
    case RE2::ErrorRepeatOp:
    case RE2::ErrorBadPerlOp:
    case RE2::ErrorBadNamedCapture:
        return "has an operator that is none, or has nothing to work on; there is no look-around";
    case RE2::ErrorBadUTF8:
        return "is not UTF-8";
    default:
        return "is not a regular expression of RE2";
    }
}

bool search(const RE2 &compiled, const re2::StringPiece &text, size_t from, re2::StringPiece *match)
{
    return compiled.Match(text, from, text.size(), RE2::UNANCHORED, match, 1);
}

bool matches_nothing(const RE2 &compiled)
{
    for (const char *probe : {"", "a", " a ", "0", "-"}) {
        re2::StringPiece match;
        if (search(compiled, probe, 0, &match) && match.empty())
            return true;
    }
    return false;
}
} // namespace

struct pattern *pattern_new(const char *text, size_t n, const char **why)
{
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(MEMORY_BYTES);
    auto *made = new pattern(re2::StringPiece(text, n), options);
    *why = !made->compiled.ok()              ? why_not(made->compiled)
           : matches_nothing(made->compiled) ? "matches where there is nothing"
                                             : nullptr;
    if (!*why)
        return made;
    delete made;
    return nullptr;
}

void pattern_free(struct pattern *pattern)
{
    delete pattern;
}

bool pattern_find(const struct pattern *pattern, const char *text, size_t n, size_t from, size_t *begin, size_t *end)
{
    const re2::StringPiece whole(text, n);
    re2::StringPiece match;
    while (from < n && search(pattern->compiled, whole, from, &match)) {
        *begin = static_cast<size_t>(match.data() - text);
        *end = *begin + match.size();
        if (!match.empty())
            return true;
        from = *begin + 1;
    }
    return false;
}
