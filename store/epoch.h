// SPDX-License-Identifier: Apache-2.0
// A database that was restored is another one: positions that clients have of the first one mean nothing in it, and
// what was revoked after the backup is valid again. So it draws a new epoch, and decides about access, before it is
// used.
#ifndef STORE_EPOCH_H
#define STORE_EPOCH_H

#include <stdbool.h>
#include "store/answer.h"

// From now on this process works with a restored copy, which is otherwise as if it were away.
void store_epoch_allow_copy(void);

// Draws a new epoch for this database and, with `revokes`, ends all sign-ins, tokens, shares and invitations. One row:
// epoch, signInsEnded, tokensRevoked, and what is left of both as signIns, tokens. The epoch comes last: if anything
// fails, the copy still is one.
MUST_USE struct store_answer store_epoch_draw(struct pg *pg, bool revokes);

#endif
