// A conversation from a file: see migrations/0013_import.sql.
#ifndef LIB_STORE_IMPORT_H
#define LIB_STORE_IMPORT_H

#include "lib/pg.h"
#include "lib/store.h"

struct store_import_message {
    const char *channel; // its name
    const char *email;   // the author's
    const char *key;
    const char *reply_to; // key of a message in the same channel, or NULL
    const char *text;
    const char *at; // a time that PostgreSQL reads
};

// Of all: STORE_CONFLICT: done before, nothing changed. STORE_NOT_FOUND: `missing` says what.
MUST_USE enum store_outcome store_import_message(struct pg *pg, const char *workspace_id,
                                                 const struct store_import_message *message, struct buf *missing);
MUST_USE enum store_outcome store_import_member(struct pg *pg, const char *workspace_id, const char *channel,
                                                const char *email, struct buf *missing);
MUST_USE enum store_outcome store_import_read(struct pg *pg, const char *workspace_id, const char *channel,
                                              const char *email, struct buf *missing);

#endif
