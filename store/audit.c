// SPDX-License-Identifier: Apache-2.0
#include "store/audit.h"

#include "store/statement.h"

static const struct pg_statement list PG_STATEMENT = {
    "audit_list",
    "SELECT at, actor, action, subject, workspace_id AS \"workspaceId\", details FROM audit_log\n"
    "WHERE $1::text IS NULL OR workspace_id = $1 ORDER BY id DESC LIMIT $2::bigint",
};

struct store_answer store_audit_list(struct pg *pg, const char *workspace_id, const char *most)
{
    return store_statement_list(pg, &list, 2, (const char *const[]){workspace_id, most});
}

static const struct pg_statement page_of PG_STATEMENT = {
    "audit_page",
    "SELECT code, name, body FROM list_audit($1, $2, $3, $4, $5, $6)",
};

struct store_answer store_audit_page(struct pg *pg, const struct caller *caller, const struct store_audit_page *page)
{
    const char *params[] = {caller->secret, caller->workspace, page->before, page->limit, page->actor, page->action};
    return store_statement_decide(pg, &page_of, 6, params);
}
