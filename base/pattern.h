// SPDX-License-Identifier: Apache-2.0
// Regular expressions in the syntax of RE2 (github.com/google/re2/wiki/Syntax), which are matched in time linear in the
// text and in bounded memory, whatever the expression: no back references and no look-around. The implementation is the
// only C++ here, because RE2 has no other interface.
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pattern;

// NULL for what is no expression, is too large, or matches where there is nothing; *why says so, as the end of a
// sentence that begins with the expression.
struct pattern *pattern_new(const char *text, size_t n, const char **why);
void pattern_free(struct pattern *pattern);

// The leftmost match of at least one byte that begins at `from` or behind it. False: there is none.
bool pattern_find(const struct pattern *pattern, const char *text, size_t n, size_t from, size_t *begin, size_t *end);

#ifdef __cplusplus
}
#endif

#endif
