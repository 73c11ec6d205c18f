// SPDX-License-Identifier: Apache-2.0
// What a pusher tells the relay of its machine: which rooms have readers here. Messages over a SEQPACKET connection, on
// which the relay sends hints (wire/hint.h) the other way. A new connection begins without any room. A message is a
// list of changes, each a sign, the room's internal name and a NUL: "+session:ses_…\0-stream:str_…\0". It is longer
// than the acknowledgement of a revocation (HINT_ACK_BYTES), which goes the same way, as do hints that ask for texts
// and answer with them; their first byte is neither sign.
#ifndef WIRE_INTEREST_H
#define WIRE_INTEREST_H

#include <stdbool.h>
#include "base/buf.h"

enum { INTEREST_SIZE_MAX = 60 * 1024 };

// Appends a change.
void interest_add(struct buf *changes, bool is_followed, struct str room);
// Cuts from the changes as many as fit a message.
struct str interest_cut(struct str *changes);
// Takes the next change of a message. 1: there was one; 0: none is left; -1: what follows is no change.
MUST_USE int interest_next(struct str *message, bool *is_followed, struct str *room);

#endif
