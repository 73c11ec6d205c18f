// SPDX-License-Identifier: Apache-2.0
// What a store function found or wrote: the outcome, and the rows that its header's readers read. The caller owns the
// answer and ends it with store_answer_fini(); every view that a reader hands out lives until then.
#ifndef STORE_ANSWER_H
#define STORE_ANSWER_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/must.h"
#include "store/store.h"

struct pg;
struct store_reader; // store/reader.h
struct pg_result;    // libpq's PGresult; only the store and the pusher's queries look into one

// On whose behalf a statement acts. Its text fields are the first parameters of every statement that authorises.
struct caller {
    const char *secret;
    const char *program;   // "t": the secret of a token, "f": that of a cookie
    const char *workspace; // or the share, if that is where the secret belongs
    bool is_share;         // the secret is a ticket (store/share.h)
};

struct store_answer {
    enum store_outcome outcome;
    struct pg_result *rows; // NULL after a failure (store_has_failed())
};

// Frees what the answer holds. An answer that is all zeros, or was ended before, is fine.
void store_answer_fini(struct store_answer *answer);

// How many rows there are.
int store_answer_rows(const struct store_answer *answer);

// The first columns of the conversation's statements (workspace-api); the outcome comes first in every statement that
// decides. Behind them stands what belongs to the verb. A write's further rows say what to tell (store/notify.h).
enum { ANSWER_OUTCOME, ANSWER_PROBLEM, ANSWER_BODY, ANSWER_COLUMNS };

// For answers of the conversation's statements: the code of the problem, absent where the outcome says enough, and what
// the statement has printed for the reply.
struct str store_answer_problem(const struct store_answer *answer);
struct str store_answer_body(const struct store_answer *answer);

#endif
