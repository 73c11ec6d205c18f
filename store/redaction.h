// SPDX-License-Identifier: Apache-2.0
// The redaction rules of a workspace: what its writers apply (base/redactor.h), and what its admins change. Names and
// patterns have been checked by whoever calls; every change is in the audit log.
#ifndef STORE_REDACTION_H
#define STORE_REDACTION_H

#include "store/answer.h"

// A list, in the order of their names. It needs no caller: whoever writes has to apply them.
MUST_USE struct store_answer store_redaction_rules(struct pg *pg, const char *workspace_id);
void store_redaction_read(const struct store_answer *answer, int row, struct str *name, struct str *pattern);

// For admins of the workspace. The body of a list is an array, that of a change the rule. WRITTEN: made; OK: changed,
// or as it was; CONFLICT: there are as many as there may be; FORBIDDEN: the caller is no admin.
MUST_USE struct store_answer store_redaction_list(struct pg *pg, const struct caller *caller);
MUST_USE struct store_answer store_redaction_put(struct pg *pg, const struct caller *caller, const char *name,
                                                 const char *pattern, const char *seen);
MUST_USE struct store_answer store_redaction_remove(struct pg *pg, const struct caller *caller, const char *name,
                                                    const char *seen);

// For the operator; `actor` as in the audit log. Columns with names. CONFLICT and NOT_FOUND as above.
MUST_USE struct store_answer store_redaction_table(struct pg *pg, const char *workspace_id);
MUST_USE struct store_answer store_redaction_set(struct pg *pg, const char *actor, const char *workspace_id,
                                                 const char *name, const char *pattern);
MUST_USE struct store_answer store_redaction_drop(struct pg *pg, const char *actor, const char *workspace_id,
                                                  const char *name);

#endif
