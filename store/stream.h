// SPDX-License-Identifier: Apache-2.0
// Streams: creating them, their members, their timeline, and how far a person has read.
#ifndef STORE_STREAM_H
#define STORE_STREAM_H

#include "store/answer.h"

struct stream_draft {
    const char *type; // channel or scratchpad
    const char *name;
    const char *private;
    const char *persona; // of a scratchpad; NULL: the workspace's first
};

// The body is the printed stream. The rows are for notify_rows().
MUST_USE struct store_answer store_stream_create(struct pg *pg, const struct caller *caller,
                                                 const struct stream_draft *draft);
MUST_USE struct store_answer store_stream_get(struct pg *pg, const struct caller *caller, const char *stream);

// `member`: a user or persona, NULL for the caller. The body of an addition is the printed member. The rows are for
// notify_rows().
MUST_USE struct store_answer store_stream_add(struct pg *pg, const struct caller *caller, const char *stream,
                                              const char *member);
MUST_USE struct store_answer store_stream_remove(struct pg *pg, const struct caller *caller, const char *stream,
                                                 const char *member);

// The body is the bootstrap without its brackets and its members, which are pieces (cgi/actors.h).
MUST_USE struct store_answer store_stream_bootstrap(struct pg *pg, const struct caller *caller, const char *stream);
struct str store_stream_members(const struct store_answer *answer);

// The members alone, for whoever may read the stream.
MUST_USE struct store_answer store_stream_list_members(struct pg *pg, const struct caller *caller, const char *stream);

// For an admin of the workspace: the body is {"channels":[…],"hiddenCount"}, those that the admin may read and the
// number of the others. FORBIDDEN: admin_only.
MUST_USE struct store_answer store_stream_channels(struct pg *pg, const struct caller *caller);

// A part of a timeline: at most `older` events below `seq` and at most `newer` from `seq` on. With `message` its place
// is the middle.
struct timeline_range {
    const char *seq;
    const char *message; // NULL
    const char *older;
    const char *newer;
};
MUST_USE struct store_answer store_stream_events(struct pg *pg, const struct caller *caller, const char *stream,
                                                 const struct timeline_range *range);

// SILENT.
MUST_USE struct store_answer store_stream_read(struct pg *pg, const struct caller *caller, const char *stream,
                                               const char *seq);

// What the reader's other windows learn from it.
struct store_stream_mark {
    struct str user_id;
    bool has_changed;        // whether anything is read now that was not read before
    int64_t seq;             // everything up to this number is read
    int64_t mentions;        // how many unread mentions are left in the stream
    struct str parent_id;    // its parent, if fewer are left there than before …
    int64_t parent_mentions; // … and how many
};
void store_stream_read_mark(const struct store_answer *answer, struct store_stream_mark *mark);

#endif
