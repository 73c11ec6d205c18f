// SPDX-License-Identifier: Apache-2.0
// refusals: remembers sessions that the server would not give to us, because another one of their thread is running or
// the token may not claim them. They stay pending and appear in every listing, so they are left alone until something
// may have changed.
#ifndef AGENT_REFUSALS_H
#define AGENT_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>

#include "emitter/agenttrace.h"

#define REFUSALS_MAX 128 // more than a listing has; the oldest is forgotten first

// The zero value is empty.
struct refusals {
    struct refusal {
        char id[TRACE_ID_SIZE];
        bool stands;
    } list[REFUSALS_MAX];
    size_t next;
};

// Notes a refusal. True unless the same refusal was noted before refusals_lapse().
bool refusals_note(struct refusals *refusals, const char *session_id);
// True if the session was refused and nothing has changed since.
bool refusals_stand(const struct refusals *refusals, const char *session_id);
// Allows all of them to be claimed again.
void refusals_lapse(struct refusals *refusals);

#endif
