// SPDX-License-Identifier: Apache-2.0
// Lists of people and personas. The objects come from the database, except for one member: whether a persona is
// `connected`, which only the pushers know: its agent subscribes to its room, and is there, because it has called
// within the last minute or its socket shows that its machine acknowledges what is sent.
#ifndef CGI_ACTORS_H
#define CGI_ACTORS_H

#include "cgi/request.h"

// Appends a JSON array. `pieces`, joined by U+001E: the SQL function actor_head() of the id, and the printed members of
// the object. Pushers that do not answer within 50 ms count as having no subscriber.
void actors_print(struct buf *out, struct str pieces);

// The same for one piece: appends the object alone.
void actors_print_one(struct buf *out, struct str piece);

#endif
