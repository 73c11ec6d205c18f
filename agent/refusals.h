/*
 * refusals: sessions that the server would not give to us, because another one of their thread runs, or the token may
 * not. They stay pending, and every listing has them: they are left alone until something may have changed.
 */
#ifndef AGENT_REFUSALS_H
#define AGENT_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>

#include "emitter/agenttrace.h"

#define REFUSALS_MAX 128 /* more than a listing has; the oldest is forgotten first */

/* Zeros are an empty one. */
struct refusals {
    struct refusal {
        char id[TRACE_ID_SIZE];
        bool stands;
    } list[REFUSALS_MAX];
    size_t next;
};

/* True if it is news, and not the same refusal again after refusals_lapse(). */
bool refusals_note(struct refusals *refusals, const char *session_id);
/* Refused, and nothing has changed since. */
bool refusals_stand(const struct refusals *refusals, const char *session_id);
/* All of them may be asked for again. */
void refusals_lapse(struct refusals *refusals);

#endif
