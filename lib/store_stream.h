// Streams: making them, who is in them, their timeline, and how far somebody has read.
#ifndef LIB_STORE_STREAM_H
#define LIB_STORE_STREAM_H

#include "lib/answer.h"

struct stream_draft {
    const char *type; // channel or scratchpad
    const char *name;
    const char *private;
    const char *persona; // of a scratchpad; NULL: the workspace's first
};

// The body is the printed stream. To be told.
MUST_USE struct answer store_stream_create(struct pg *pg, const struct caller *caller,
                                           const struct stream_draft *draft);
MUST_USE struct answer store_stream_get(struct pg *pg, const struct caller *caller, const char *stream);

// `member`: a user or persona, NULL for the caller. The body of an addition is the printed member. To be told.
MUST_USE struct answer store_stream_add(struct pg *pg, const struct caller *caller, const char *stream,
                                        const char *member);
MUST_USE struct answer store_stream_remove(struct pg *pg, const struct caller *caller, const char *stream,
                                           const char *member);

// Behind an answer's columns: the members as pieces (cgi/actors.h). The body is the bootstrap without its brackets and
// members.
enum { BOOTSTRAP_MEMBERS = ANSWER_COLUMNS };
MUST_USE struct answer store_stream_bootstrap(struct pg *pg, const struct caller *caller, const char *stream);

// A part of a timeline: at most `older` events below `seq` and at most `newer` from `seq` on. With `message` its place
// is the middle.
struct timeline_range {
    const char *seq;
    const char *message; // NULL
    const char *older;
    const char *newer;
};
MUST_USE struct answer store_stream_events(struct pg *pg, const struct caller *caller, const char *stream,
                                           const struct timeline_range *range);

// Answers 204. Behind an answer's columns: who has read, up to where (NULL: nothing has changed by it), and the number
// of unread mentions left in the stream; its parent and the number left there, if there were more before.
enum { READ_USER = ANSWER_COLUMNS, READ_SEQ, READ_MENTIONS, READ_PARENT, READ_PARENT_MENTIONS };
MUST_USE struct answer store_stream_read(struct pg *pg, const struct caller *caller, const char *stream,
                                         const char *seq);

#endif
