// SPDX-License-Identifier: Apache-2.0
// The bound of one event: readers hold a whole line in memory before they see any of it, some refuse a long one, and on
// a slow connection nothing else arrives meanwhile. So what is long in an event is cut, and the event says so; a list
// that is long is told in parts. REST has everything whole. Pure.
#ifndef SSE_EVENT_BOUND_H
#define SSE_EVENT_BOUND_H

#include <stdbool.h>
#include "base/buf.h"

// Printed bytes of an event with all its lines, and of its data alone: the lines `id:` and `event:` take the rest.
enum { EVENT_BOUND_BYTES = 60 * 1024, EVENT_BOUND_DATA_BYTES = EVENT_BOUND_BYTES - 512 };

// Prints `body`, the JSON of an event, cut so that it fits. False, and nothing is printed, if it fits as it is.
bool event_bound_cut(struct buf *out, struct str body);

// Calls `each` with the body of each part of a snapshot, in order; with the body itself if that fits. A part is the
// snapshot with some of its list, and with `part`, from 1, and `parts`.
void event_bound_split(struct str body, void (*each)(void *context, struct str part), void *context);

#endif
