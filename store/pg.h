// SPDX-License-Identifier: Apache-2.0
// One PostgreSQL connection for a program that works one request at a time: statements prepared when first used,
// parameters as text, results in binary. It reconnects by itself, and repeats a statement only when asked to. The
// pusher, which must not wait, has a database file of its own (sse/db.c); of this one it uses the getters.
#ifndef STORE_PG_H
#define STORE_PG_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/must.h"

struct pg;
struct pg_result; // libpq's PGresult; its values are read with store/pg_value.h

// A statement is a constant of the store file that uses it; its address is its identity. `name` is unique among all
// statements.
struct pg_statement {
    const char *name;
    const char *sql;
};

// Puts a statement into a section of its own, where tests/integration/statements.c finds all there are, to prepare and
// EXPLAIN each against the migrated schema. Every statement has it:
//
//     static const struct pg_statement find_user PG_STATEMENT = {"find_user", "SELECT …"};
#define PG_STATEMENT __attribute__((used, section("pg_statements")))

enum pg_outcome {
    PG_OK,      // rows are there
    PG_AGAIN,   // a race was lost, or the statement's plan was too old: everything was undone, run it again
    PG_REFUSED, // the data does not fit a rule of the schema or a type: nothing changed
    PG_DOWN,    // no database, or it has no time, room or memory, or its standby has not confirmed: a write is whole or
                // absent, and it is not known which
    PG_BROKEN,  // any other error: a defect, ours, the schema's or the server's; nothing changed
};

// Remembers `url`; connects at the first use (store/pg_dial.h). A statement that the server has not answered after
// `deadline_ms` is given up, and the connection closed: PG_DOWN. 0: statements may take as long as they need. Never
// NULL.
struct pg *pg_new(const char *url, const char *application, int64_t deadline_ms);
void pg_free(struct pg *pg);

// Outages of the connection are not logged by it, because whoever has it does without it and says so.
void pg_mute(struct pg *pg);
// Why it was lost or could not be made; valid until the next call.
const char *pg_why(const struct pg *pg);

// Parameters are text or NULL. On PG_OK the result is in *rows, and the caller ends it with pg_clear(); otherwise *rows
// is NULL and what happened has been logged.
MUST_USE enum pg_outcome pg_run(struct pg *pg, const struct pg_statement *statement, int n, const char *const params[],
                                struct pg_result **rows);

// Frees a result; NULL is nothing.
void pg_clear(struct pg_result *rows);

// pg_run(), again on PG_AGAIN, PG_TRIES times in all.
enum { PG_TRIES = 3 };
MUST_USE enum pg_outcome pg_persist(struct pg *pg, const struct pg_statement *statement, int n,
                                    const char *const params[], struct pg_result **rows);

// Statements that are sent together: one round trip, one transaction, all or nothing, each with a snapshot of its own.
struct pg_call {
    const struct pg_statement *statement;
    int n;
    const char *const *params;
    struct pg_result *rows; // on PG_OK; the caller ends it with pg_clear()
};

// On anything but PG_OK nothing has happened (PG_DOWN: whole or absent) and all rows are NULL.
MUST_USE enum pg_outcome pg_pipeline(struct pg *pg, struct pg_call calls[], int n);

// pg_pipeline(), again on PG_AGAIN, PG_TRIES times in all.
MUST_USE enum pg_outcome pg_persist_all(struct pg *pg, struct pg_call calls[], int n);

// Statements without parameters and rows, for example "BEGIN". Several may be separated by semicolons.
MUST_USE enum pg_outcome pg_command(struct pg *pg, const char *sql);

// For PQsetNoticeReceiver: by itself libpq prints what the server remarks among the log's lines, without time or name.
void pg_remark(void *unused, const struct pg_result *remark);

#endif
