// What is asked of the database for the rooms, and what the answers do to them: the rooms' side of sse/db.h.
#ifndef SSE_QUESTIONS_H
#define SSE_QUESTIONS_H

#include "lib/store_replay.h"
#include "sse/pusher.h"

enum { QUESTION_ROOMS_MAX = 64, QUESTION_CHECKED_MAX = 1024, QUESTION_PARAMS = 4 };

// A question that is on its way. Rooms are kept by name: one may be gone when the answer comes.
struct question {
    enum question_kind kind;
    const struct pg_statement *statement;
    unsigned rooms_n;
    struct buf names;   // one after the other, each with a NUL
    struct buf numbers; // int64_t, parallel to the names
    int64_t span;       // events: how many numbers after each
    int n;
    struct buf params[QUESTION_PARAMS];
};

void question_fini(struct question *question);
// Takes from the rooms what they want most. False if there is nothing to ask now; *again_ms is then in how many
// milliseconds there may be (-1: unknown).
bool question_gather(struct question *question, struct pusher *p, int *again_ms);
// The counters of watched rooms from `*next` on, a slice of them at a time; *next is 0 when all have had their turn.
bool question_check(struct question *question, struct pusher *p, size_t *next);
// What only hints carried, since then (wall µs): a lost last one heals too.
void question_news(struct question *question, int64_t since);
void question_revoked(struct question *question, int64_t since);
void question_clock(struct question *question);

void question_answered(const struct question *question, struct pusher *p, const PGresult *rows);
// No answer will come: the rooms ask again.
void question_failed(const struct question *question, struct pusher *p);

#endif
