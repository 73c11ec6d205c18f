// Lists of people and personas. Their objects come from the database but for one member, a persona's `connected`, which
// the pushers know: whether somebody subscribes to its room.
#ifndef CGI_ACTORS_H
#define CGI_ACTORS_H

#include "cgi/request.h"

// Appends a JSON array. `pieces`: an id, U+001F and the printed members of the object, joined by U+001E. Pushers that
// do not answer within 50 ms count as having no subscriber.
void actors_print(struct buf *out, struct str pieces);

#endif
