// How a step is printed: one place for REST, live events and the pusher's replay, so that all three show the same text.
// It prints from the columns of one fixed select list; it runs no statement and knows no room.
#ifndef LIB_STEP_JSON_H
#define LIB_STEP_JSON_H

#include "lib/pg.h"

// In lists and events content is cut at this many bytes of text. Printed as JSON they are at most six times as long,
// and one character more tells that there is more.
#define STEP_BRIEF_BYTES 16384
#define STEP_BRIEF_PRINTED "98306"

#define STEP_COLUMNS_HEAD                                                                                              \
    "p.id, p.session_id, p.step_number, p.step_type, p.name, p.parent_step_id, p.failed, p.start_seq, p.end_seq, "     \
    "p.seq, p.start_length, p.content_length, p.sources, p.message_id, p.usage, p.error, p.started_at, p.completed_at"

// The select list over a row of steps called `p`; step_json_read() reads it. BRIEF does not fetch more of a long
// content than is shown.
#define STEP_COLUMNS_WHOLE STEP_COLUMNS_HEAD ", p.start_content, p.content"
#define STEP_COLUMNS_BRIEF                                                                                             \
    STEP_COLUMNS_HEAD ", CASE WHEN p.start_length > 16384 THEN left(p.start_content, " STEP_BRIEF_PRINTED              \
                      ") ELSE p.start_content END"                                                                     \
                      ", CASE WHEN p.content_length > 16384 THEN left(p.content, " STEP_BRIEF_PRINTED                  \
                      ") ELSE p.content END"

enum { STEP_COLUMNS = 20 };

// As BRIEF, for many steps of one session that is known, as they are now: without what only events need.
// step_json_read_shown() reads it. Beside it, the columns of a row that is none of them.
#define STEP_COLUMNS_SHOWN                                                                                             \
    "p.id, p.step_type, p.name, p.parent_step_id, p.failed, p.seq, coalesce(p.content_length, p.start_length), "       \
    "p.sources, p.message_id, p.usage, p.error, p.started_at, p.completed_at, "                                        \
    "CASE WHEN coalesce(p.content_length, p.start_length) > 16384\n"                                                   \
    "     THEN left(coalesce(p.content, p.start_content), " STEP_BRIEF_PRINTED ")\n"                                   \
    "     ELSE coalesce(p.content, p.start_content) END"
#define STEP_COLUMNS_NONE                                                                                              \
    "NULL::text, NULL::text, NULL::text, NULL::text, NULL::boolean, NULL::bigint, NULL::integer, NULL::text, "         \
    "NULL::text, NULL::text, NULL::text, NULL::timestamptz, NULL::timestamptz, NULL::text"

enum { STEP_SHOWN_COLUMNS = 14 };

enum step_form {
    STEP_WHOLE,
    STEP_BRIEF, // long content is cut at a code point, with contentLength and truncated; an object becomes text
};

struct step_row {
    struct str id, session_id;
    int64_t number;
    struct str type, name, parent_id;
    bool failed;
    int64_t start_seq;
    int64_t end_seq; // 0: open
    int64_t seq;
    int64_t start_length, content_length;
    struct str sources, message_id, usage, error; // printed JSON, except message_id
    int64_t started_at, completed_at;             // microseconds since 1970
    struct str start_content, content;            // printed JSON
};

// Views into `rows`, whose columns `first` to `first` + STEP_COLUMNS - 1 are one of the lists above.
void step_json_read(struct step_row *step, const PGresult *rows, int row, int first);

// The same for STEP_COLUMNS_SHOWN: all but the session's id and the step's number, and nothing of its start.
void step_json_read_shown(struct step_row *step, const PGresult *rows, int row, int first);

// An open step of a session that has ended reads as interrupted.
const char *step_json_status(const struct step_row *step, bool session_ended);

// Of a step that has ended, in milliseconds.
int64_t step_json_duration(const struct step_row *step);

// Appends the step as it is now.
void step_json(struct buf *out, const struct step_row *step, bool session_ended, enum step_form form);

// Appends the step as it was when it started: running, with the content it had then, cut as in lists.
void step_json_started(struct buf *out, const struct step_row *step);

// Appends the data of the session room's event with the number `seq`: the step's start (start_seq) or its completion
// (end_seq; both, if it was written whole). The name of that event is step_json_event_name().
void step_json_event(struct buf *out, const struct step_row *step, int64_t seq);
const char *step_json_event_name(const struct step_row *step, int64_t seq);

#endif
