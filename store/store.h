// SPDX-License-Identifier: Apache-2.0
// How every function of the store says how it went. A function that has nothing to show returns the outcome alone; any
// other returns a struct store_answer (store/answer.h), which holds the outcome and owns what there is to read.
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>

// The numbers are those of the HTTP statuses with the same meaning: the statements' SQL answers them in its first
// column, and for most handlers the outcome is the status of the reply.
enum store_outcome {
    STORE_OK = 200,        // read; or the same write had been done before, and nothing has changed
    STORE_WRITTEN = 201,   // the write has been done now
    STORE_SILENT = 204,    // done, and there is nothing to show
    STORE_MISFIT = 400,    // what was sent does not go with what is there
    STORE_STRANGER = 401,  // the credential is unknown, revoked or expired
    STORE_FORBIDDEN = 403, // the token lacks the scope
    STORE_NOT_FOUND = 404, // it does not exist, or the caller may not see it
    STORE_CONFLICT = 409,  // the present state forbids it
    STORE_UNFIT = 422,     // the schema refuses a value; nothing has changed
    STORE_TOO_OFTEN = 429, // too many failed attempts
    STORE_BROKEN = 500,    // a defect, logged where it was detected; nothing has changed
    STORE_DOWN = 503,      // no database, or every race was lost: a write is whole or absent; logged
};

// Whether the statement could not be carried out at all, as opposed to having said no.
static inline bool store_has_failed(enum store_outcome outcome)
{
    return outcome == STORE_UNFIT || outcome >= STORE_BROKEN;
}

#endif
