// SPDX-License-Identifier: Apache-2.0
#include "store/partition.h"

#include "store/pg_value.h"
#include "store/statement.h"

static const struct pg_statement make PG_STATEMENT = {"partition_make",
                                                      "SELECT made FROM make_partitions() made WHERE made IS NOT NULL"};

enum store_outcome store_partition_make(struct pg *pg, int64_t *made)
{
    enum store_outcome outcome = store_statement_number(pg, &make, 0, NULL, made);
    return outcome == STORE_NOT_FOUND ? STORE_CONFLICT : outcome;
}

static const struct pg_statement drop PG_STATEMENT = {"partition_drop",
                                                      "SELECT name FROM drop_partition() name WHERE name IS NOT NULL"};

struct store_answer store_partition_drop(struct pg *pg)
{
    return store_statement_find(pg, &drop, 0, NULL);
}

struct str store_partition_name(const struct store_answer *answer)
{
    return pg_str(answer->rows, 0, 0);
}
