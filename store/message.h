// SPDX-License-Identifier: Apache-2.0
// Messages: posting, reading, editing, deleting, and their threads.
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "store/answer.h"

struct message_draft {
    const char *stream;
    const char *content;
    const char *client_id; // NULL: not repeatable
    const char *session;   // NULL, or the caller's own session in which the message is posted
    const char *sources;   // NULL, or printed JSON
    const char *slugs;     // an array literal of what the content mentions, as typed
};

// The body is the printed message; of get, edit and delete it is "{message, stream}", of a thread its stream. The
// answers of all but store_message_get() go to notify_rows().
MUST_USE struct store_answer store_message_post(struct pg *pg, const struct caller *caller,
                                                const struct message_draft *draft);
// As store_message_post(), but the body is the id of the session that answers the message. CONFLICT: nobody would.
MUST_USE struct store_answer store_message_start_run(struct pg *pg, const struct caller *caller,
                                                     const struct message_draft *draft);
MUST_USE struct store_answer store_message_get(struct pg *pg, const struct caller *caller, const char *message);
MUST_USE struct store_answer store_message_edit(struct pg *pg, const struct caller *caller, const char *message,
                                                const char *content, const char *slugs);
MUST_USE struct store_answer store_message_delete(struct pg *pg, const struct caller *caller, const char *message);
MUST_USE struct store_answer store_message_thread(struct pg *pg, const struct caller *caller, const char *message);

#endif
