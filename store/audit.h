// SPDX-License-Identifier: Apache-2.0
// The audit log: who did what to whom, the newest first.
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/answer.h"

// For an operator, of one workspace or, if NULL, of all: the newest `most` entries, with the columns at, actor, action,
// subject, workspaceId and details (store/table.h).
MUST_USE struct store_answer store_audit_list(struct pg *pg, const char *workspace_id, const char *most);

struct store_audit_page {
    const char *before; // an entry's number
    const char *limit;
    const char *actor;  // an id, or NULL
    const char *action; // or NULL
};
// For an admin of the workspace: the body is {"entries":[…],"nextBefore"?}. FORBIDDEN: admin_only.
MUST_USE struct store_answer store_audit_page(struct pg *pg, const struct caller *caller,
                                              const struct store_audit_page *page);

#endif
