// SPDX-License-Identifier: Apache-2.0
// Lists of people and personas. The objects come from the database, except for one member: whether a persona is
// `connected`, that is, whether anything subscribes to its room, which only the pushers know.
#ifndef CGI_ACTORS_H
#define CGI_ACTORS_H

#include "cgi/request.h"

// Appends a JSON array. `pieces`: an id, U+001F and the printed members of the object, joined by U+001E. Pushers that
// do not answer within 50 ms count as having no subscriber.
void actors_print(struct buf *out, struct str pieces);

// The same for one piece: appends the object alone.
void actors_print_one(struct buf *out, struct str piece);

#endif
