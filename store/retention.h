// SPDX-License-Identifier: Apache-2.0
// For how long the steps of ended sessions are kept, by workspace and by channel or scratchpad
// (migrations/functions/retention.sql). Every change is in the audit log; what is due is pruned (store/prune.h).
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/answer.h"

struct store_retention {
    const char *stream; // or NULL: the workspace's
    const char *days;   // 1 to RETENTION_DAYS_MAX in digits, or NULL: for ever
    bool is_held;       // nothing goes, whatever the days are
};
enum { RETENTION_DAYS_MAX = 36500 };

// For admins of the workspace, who name streams that they read: others are NOT_FOUND to them. The body is what there is
// now. FORBIDDEN: the caller is no admin.
MUST_USE struct store_answer store_retention_show(struct pg *pg, const struct caller *caller);
MUST_USE struct store_answer store_retention_put(struct pg *pg, const struct caller *caller,
                                                 const struct store_retention *rule, const char *seen);
MUST_USE struct store_answer store_retention_remove(struct pg *pg, const struct caller *caller, const char *stream,
                                                    const char *seen);

// For the operator; `actor` as in the audit log; a stream may also be "#" and a channel's name. Columns with names;
// NOT_FOUND: no such stream in the workspace, or no such rule.
MUST_USE struct store_answer store_retention_table(struct pg *pg, const char *workspace_id);
MUST_USE struct store_answer store_retention_set(struct pg *pg, const char *actor, const char *workspace_id,
                                                 const struct store_retention *rule);
MUST_USE struct store_answer store_retention_clear(struct pg *pg, const char *actor, const char *workspace_id,
                                                   const char *stream);

#endif
