// SPDX-License-Identifier: Apache-2.0
// Webhooks, and what is to be delivered to them. Deliveries are made by triggers (migrations/functions/webhooks.sql). A
// webhook is told what its maker may read at the moment of the delivery, and nothing of what they no longer may.
#ifndef STORE_WEBHOOK_H
#define STORE_WEBHOOK_H

#include "store/answer.h"

struct store_webhook {
    const char *url;
    const char *events; // an array literal
    const char *secret;
};

// The body is the webhook, without its secret. WRITTEN, STRANGER, FORBIDDEN with the problem admin_only.
MUST_USE struct store_answer store_webhook_create(struct pg *pg, const struct caller *caller,
                                                  const struct store_webhook *webhook);
// The body is the list. OK, and as above.
MUST_USE struct store_answer store_webhook_list(struct pg *pg, const struct caller *caller);
// SILENT, NOT_FOUND, and as above.
MUST_USE struct store_answer store_webhook_remove(struct pg *pg, const struct caller *caller, const char *id);

// The same for trace-admin, whose rows store/table.h prints. `user`: the maker's id or address. NOT_FOUND: no such
// member.
MUST_USE struct store_answer store_webhook_admin_create(struct pg *pg, const char *workspace, const char *user,
                                                        const struct store_webhook *webhook, const char *actor);
MUST_USE struct store_answer store_webhook_admin_list(struct pg *pg, const char *workspace);
MUST_USE struct store_answer store_webhook_admin_remove(struct pg *pg, const char *id, const char *actor);

struct store_webhook_delivery {
    struct str id;
    int64_t attempt; // this one, from 1
    struct str url;
    struct str secret;
    struct str body; // absent: there is nothing that may still be told
};

// Takes up to `most` deliveries that are due, of one webhook up to `most_each`, and those last that failed the last
// time; they are due again in `lease_s` seconds unless one of the functions below
// says what became of them.
MUST_USE struct store_answer store_webhook_claim(struct pg *pg, int64_t most, int64_t most_each, int64_t lease_s);
void store_webhook_read(const struct store_answer *answer, int row, struct store_webhook_delivery *delivery);

// It is delivered or, with an error, given up.
MUST_USE enum store_outcome store_webhook_done(struct pg *pg, const char *id, const char *error);
// There is nothing that may still be told.
MUST_USE enum store_outcome store_webhook_drop(struct pg *pg, const char *id);
// It failed, and is due again in `again_s` seconds.
MUST_USE enum store_outcome store_webhook_failed(struct pg *pg, const char *id, const char *error, int64_t again_s);
// All that is due of that delivery's webhook waits for so long.
MUST_USE enum store_outcome store_webhook_put_off(struct pg *pg, const char *id, int64_t for_s);
// Its receiver wants nothing more: the webhook is told nothing until it is made anew.
MUST_USE enum store_outcome store_webhook_stop(struct pg *pg, const char *id, const char *error);

#endif
