// SPDX-License-Identifier: Apache-2.0
// A JSON body whose items stand in lists, {"data": […]}, as most protocols have it: read item by item.
#ifndef INGEST_ITEMS_H
#define INGEST_ITEMS_H

#include "ingest/report.h"

struct tree;

// Gives the tree what `text`, one item of that list, tells. 0, or -1 if that could not be kept. An item that is refused
// is counted.
typedef int items_take(struct str list, struct str text, struct tree *tree, struct report *report);

// Calls `take` for the elements of each array of the object `body` under one of `names`, which end with NULL.
MUST_USE enum read_outcome items_read(struct str body, const char *const names[], items_take *take, struct tree *tree,
                                      struct report *report);

#endif
