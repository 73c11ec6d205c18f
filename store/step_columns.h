// SPDX-License-Identifier: Apache-2.0
// The select lists over a row of steps, and how each is read: for the files of the store that select steps.
#ifndef STORE_STEP_COLUMNS_H
#define STORE_STEP_COLUMNS_H

#include "store/pg_value.h"
#include "store/step_json.h"

// Content of STEP_BRIEF_BYTES is at most six times as long when it is printed as JSON, and one character more tells
// that there is more.
#define STEP_BRIEF_PRINTED "98306"

// With its cost, where that was computed.
#define STEP_USAGE "usage_with_cost(p.usage, p.computed_cost_usd)"

#define STEP_COLUMNS_HEAD                                                                                              \
    "p.id, p.session_id, p.step_number, p.step_type, p.name, p.parent_step_id, p.failed, p.start_seq, p.end_seq, "     \
    "p.seq, p.start_length, p.content_length, p.sources, p.message_id, " STEP_USAGE ", p.error, p.started_at, "        \
    "p.completed_at, "                                                                                                 \
    "p.received_at, p.times_adjusted"

// What a step was given and gave, as members: whole with the single step, elsewhere how long they are.
#define STEP_MORE_WHOLE                                                                                                \
    "CASE WHEN num_nonnulls(p.input, p.output, p.attributes, p.events, p.links) > 0 THEN\n"                            \
    "     concat(',\"input\":' || p.input, ',\"output\":' || p.output, ',\"attributes\":' || p.attributes,\n"          \
    "            ',\"events\":' || p.events, ',\"links\":' || p.links) END"
#define STEP_MORE_BRIEF                                                                                                \
    "CASE WHEN num_nonnulls(p.input, p.output, p.attributes, p.events, p.links) > 0 THEN\n"                            \
    "     concat(',\"inputLength\":' || octet_length(p.input), ',\"outputLength\":' || octet_length(p.output),\n"      \
    "            ',\"attributesLength\":' || octet_length(p.attributes),\n"                                            \
    "            ',\"eventsLength\":' || octet_length(p.events), ',\"linksLength\":' || octet_length(p.links)) END"

// The select list over a row of steps called `p`; step_columns_read() reads it. BRIEF does not fetch more of a long
// content than is shown.
#define STEP_COLUMNS_WHOLE STEP_COLUMNS_HEAD ", " STEP_MORE_BRIEF ", " STEP_MORE_WHOLE ", p.start_content, p.content"
#define STEP_COLUMNS_BRIEF                                                                                             \
    STEP_COLUMNS_HEAD                                                                                                  \
    ", " STEP_MORE_BRIEF                                                                                               \
    ", NULL::text, CASE WHEN p.start_length > 16384 THEN left(p.start_content, " STEP_BRIEF_PRINTED                    \
    ") ELSE p.start_content END"                                                                                       \
    ", CASE WHEN p.content_length > 16384 THEN left(p.content, " STEP_BRIEF_PRINTED ") ELSE p.content END"

enum { STEP_COLUMNS = 24 };

// A step whose content quotes messages, and that content as the reader `a` sees it.
#define STEP_QUOTES "p.has_quotes AND left(coalesce(p.content, p.start_content), 1) = '{'"
#define STEP_CONTENT_WITH_TEXTS                                                                                        \
    "content_with_texts((SELECT id FROM a), p.session_id, coalesce(p.content, p.start_content))"

// As BRIEF, for many steps of one session that is known, as they are now and as the reader `a` sees them: without what
// only events need. step_columns_read_shown() reads it.
#define STEP_COLUMNS_SHOWN                                                                                             \
    "p.id, p.step_type, p.name, p.parent_step_id, p.failed, p.seq,\n"                                                  \
    "CASE WHEN " STEP_QUOTES " THEN octet_length(" STEP_CONTENT_WITH_TEXTS ")\n"                                       \
    "     ELSE coalesce(p.content_length, p.start_length) END,\n"                                                      \
    "CASE WHEN p.has_quotes THEN items_with_texts((SELECT id FROM a), p.session_id, p.sources::json, 'snippet')\n"     \
    "     ELSE p.sources END,\n"                                                                                       \
    "p.message_id, " STEP_USAGE ", p.error, p.completed_at, p.received_at, p.times_adjusted, " STEP_MORE_BRIEF ",\n"   \
    "CASE WHEN " STEP_QUOTES " THEN " STEP_CONTENT_WITH_TEXTS "\n"                                                     \
    "     WHEN coalesce(p.content_length, p.start_length) > 16384\n"                                                   \
    "     THEN left(coalesce(p.content, p.start_content), " STEP_BRIEF_PRINTED ")\n"                                   \
    "     ELSE coalesce(p.content, p.start_content) END"

// A row above such steps, which has something else in the columns of their id, number of change, length, sources and
// content, and nothing in the others. A column of its own would be one more in the row of each step.
#define STEP_COLUMNS_ABOVE(id, seq, length, sources, content)                                                          \
    id ", NULL::text, NULL::text, NULL::text, NULL::boolean, " seq ", " length ", " sources ", NULL::text,\n"          \
       "        NULL::text, NULL::text, NULL::timestamptz, NULL::timestamptz, NULL::boolean, NULL::text, " content

enum { STEP_SHOWN_ID, STEP_SHOWN_SEQ = 5, STEP_SHOWN_LENGTH, STEP_SHOWN_SOURCES, STEP_SHOWN_CONTENT = 15 };
enum { STEP_SHOWN_COLUMNS = 16 };

// Views into `rows`, whose columns `first` to `first` + STEP_COLUMNS - 1 are one of the lists above.
void step_columns_read(struct step_row *step, const struct pg_result *rows, int row, int first);

// The same for STEP_COLUMNS_SHOWN: all but the session's id, the step's number and when it started.
void step_columns_read_shown(struct step_row *step, const struct pg_result *rows, int row, int first);

// Appends the member `key`: a list of the names in a column of text[].
void step_columns_print_names(struct buf *out, const char *key, const struct pg_result *rows, int row, int column);

#endif
