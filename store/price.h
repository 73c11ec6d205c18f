// SPDX-License-Identifier: Apache-2.0
// What models cost: prices that all workspaces share, and those that a workspace has entered, which win. How a cost is
// computed from them is migrations/functions/prices.sql.
#ifndef STORE_PRICE_H
#define STORE_PRICE_H

#include <stdint.h>
#include "store/answer.h"

// US dollars for 10^6 tokens, in decimal. A price of the cache that is NULL is that of other input.
struct store_price {
    const char *model;
    const char *input_usd, *output_usd, *cache_read_usd, *cache_write_usd;
};

// For the members of a workspace: what holds there, by model. OK with a body (store_answer_body()), or a refusal.
MUST_USE struct store_answer store_price_list(struct pg *pg, const struct caller *caller);
// For its admins. OK with the price as a body, or SILENT; FORBIDDEN (no admin), NOT_FOUND (no own price), a refusal.
MUST_USE struct store_answer store_price_put(struct pg *pg, const struct caller *caller,
                                             const struct store_price *price, const char *seen);
MUST_USE struct store_answer store_price_delete(struct pg *pg, const struct caller *caller, const char *model,
                                                const char *seen);

// For the operator. `workspace` NULL: the shared prices. Everything but the list is written to the audit log.
MUST_USE struct store_answer store_price_table(struct pg *pg, const char *workspace);
MUST_USE struct store_answer store_price_set(struct pg *pg, const char *workspace, const struct store_price *price,
                                             const char *actor);
// OK, or NOT_FOUND.
MUST_USE struct store_answer store_price_remove(struct pg *pg, const char *workspace, const char *model,
                                                const char *actor);
// `prices`: a printed JSON list of {model, input_usd, output_usd, cache_read_usd?, cache_write_usd?, source, as_of}.
// Shared prices that somebody has set stay as they are. *written: how many are new or different.
MUST_USE enum store_outcome store_price_import(struct pg *pg, const char *workspace, const char *prices,
                                               const char *actor, int64_t *written);

// Sessions that have any usage, by id, behind `after`: a bounded number of them. NOT_FOUND: there are no more.
MUST_USE struct store_answer store_price_used(struct pg *pg, const char *workspace, const char *after);
struct str store_price_used_id(const struct store_answer *answer, int row);
// Computes the costs of its steps anew. *changed: how many have another cost now.
MUST_USE enum store_outcome store_price_recompute(struct pg *pg, const char *session, int64_t *changed);

#endif
