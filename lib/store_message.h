// Messages: posting, reading, editing, deleting, and their threads.
#ifndef LIB_STORE_MESSAGE_H
#define LIB_STORE_MESSAGE_H

#include "lib/answer.h"

struct message_draft {
    const char *stream;
    const char *content;
    const char *client_id; // NULL: not repeatable
    const char *session;   // NULL, or the caller's own session that speaks
    const char *sources;   // NULL, or printed JSON
    const char *slugs;     // an array literal of what the content mentions, as typed
};

// The body is the printed message, of get, edit and delete "{message, stream}", of a thread its stream. All but get
// are to be told.
MUST_USE struct answer store_message_post(struct pg *pg, const struct caller *caller,
                                          const struct message_draft *draft);
MUST_USE struct answer store_message_get(struct pg *pg, const struct caller *caller, const char *message);
MUST_USE struct answer store_message_edit(struct pg *pg, const struct caller *caller, const char *message,
                                          const char *content, const char *slugs);
MUST_USE struct answer store_message_delete(struct pg *pg, const struct caller *caller, const char *message);
MUST_USE struct answer store_message_thread(struct pg *pg, const struct caller *caller, const char *message);

#endif
