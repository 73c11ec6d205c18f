// SPDX-License-Identifier: Apache-2.0
// Partitions of what sessions consist of: they are made ahead of time, and dropped once everything in them has been
// pruned. Which there are is decided in migrations/functions/partitions.sql; the caller decides when to look.
#ifndef STORE_PARTITION_H
#define STORE_PARTITION_H

#include "store/answer.h"
#include "store/pg.h"

// Makes the missing partitions of the coming three months. CONFLICT: the tables are in use now.
MUST_USE enum store_outcome store_partition_make(struct pg *pg, int64_t *made);

// Drops one partition that is empty and lies in the past. NOT_FOUND: there is none, or it is in use now.
MUST_USE struct store_answer store_partition_drop(struct pg *pg);
// The name of the one that was dropped.
struct str store_partition_name(const struct store_answer *answer);

#endif
