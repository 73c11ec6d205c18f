// SPDX-License-Identifier: Apache-2.0
// Taking out of texts what rules name: each match of a rule's pattern becomes "[redacted:NAME]". All rules look at the
// text as it came: where two match, the one that begins first is shown, and none matches what another has left. A text
// that was redacted before stays as it is.
#ifndef BASE_REDACTOR_H
#define BASE_REDACTOR_H

#include "base/buf.h"

enum { REDACTOR_NAME_MAX = 40, REDACTOR_PATTERN_MAX = 500, REDACTOR_RULES_MAX = 32 };

struct redactor; // a set of rules

struct redactor *redactor_new(void);
void redactor_free(struct redactor *rules);

// 0, or -1 for a pattern that is none (see pattern_new()), or for one rule too many.
MUST_USE int redactor_add(struct redactor *rules, struct str name, struct str pattern, const char **why);
// For a rule whose pattern was checked when it was set: if it does not compile, which is a defect or another version of
// RE2, the log says so, and whole texts are taken out rather than kept.
void redactor_add_checked(struct redactor *rules, struct str name, struct str pattern);
bool redactor_is_empty(const struct redactor *rules);

// Lower-case letters, digits and hyphens, 1 to REDACTOR_NAME_MAX of them; the first is no hyphen.
bool redactor_is_name(struct str name);

// Appends the text without what the rules match; true: something was. The time is about linear in the text; where a
// pattern makes it worse, the rest of a text that has taken a second is taken out whole. A text grows by a few KiB at
// most: what would grow more is taken out whole, too.
bool redactor_text(const struct redactor *rules, struct buf *out, struct str text);

// What of a member's value is looked at: nothing; strings; keys and numbers, too (a number that matches becomes a
// string).
enum redactor_what { REDACTOR_NOTHING, REDACTOR_STRINGS, REDACTOR_ALL };

// The same for a JSON value, each string by itself; everything else stays as it was written. `what` is asked for each
// member: `top` is the key at the top level and `key` the innermost, as they are written; STR_NONE where there is none.
// Ids of ours (base/id.h) are left alone. A URL in a member `url` stays one: what is redacted whole leads to a host
// that does not exist (RFC 2606). A value that is not valid JSON comes out as something that is not, either.
bool redactor_json(const struct redactor *rules, enum redactor_what (*what)(struct str top, struct str key),
                   struct buf *out, struct str json);

#endif
