// SPDX-License-Identifier: Apache-2.0
// Writing a conversation that was read from a file. Everything has a key or a name, so an import can be repeated.
#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

#include "store/answer.h"

struct store_import_message {
    const char *channel; // its name
    const char *email;   // the author's
    const char *key;
    const char *reply_to; // key of a message in the same channel, or NULL
    const char *text;
    const char *at; // a time that PostgreSQL reads
};

// Each returns WRITTEN; OK if it was there before, and nothing has changed; NOT_FOUND if `missing` says what is not
// there.
MUST_USE enum store_outcome store_import_message(struct pg *pg, const char *workspace_id,
                                                 const struct store_import_message *message, struct buf *missing);
MUST_USE enum store_outcome store_import_member(struct pg *pg, const char *workspace_id, const char *channel,
                                                const char *email, struct buf *missing);
MUST_USE enum store_outcome store_import_read(struct pg *pg, const char *workspace_id, const char *channel,
                                              const char *email, struct buf *missing);

#endif
