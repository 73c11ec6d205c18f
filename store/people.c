// SPDX-License-Identifier: Apache-2.0
#include "store/people.h"

#include "store/statement.h"

static const struct pg_statement list PG_STATEMENT = {
    "people_list",
    "SELECT code, name, body FROM list_people($1, $2)",
};

struct store_answer store_people_list(struct pg *pg, const struct caller *caller)
{
    return store_statement_decide(pg, &list, 2, (const char *const[]){caller->secret, caller->workspace});
}

static const struct pg_statement change PG_STATEMENT = {
    "people_change",
    "SELECT code, name, body FROM change_person($1, $2, $3, $4, $5)",
};

struct store_answer store_people_change(struct pg *pg, const struct caller *caller, const char *person,
                                        const char *name, const char *role)
{
    const char *params[] = {caller->secret, caller->workspace, person, name, role};
    return store_statement_decide(pg, &change, 5, params);
}

static const struct pg_statement account PG_STATEMENT = {
    "people_account",
    "SELECT code, name, body FROM change_account($1, $2, $3, $4)",
};

struct store_answer store_people_account(struct pg *pg, const struct caller *caller, const char *person,
                                         enum store_people_verb verb)
{
    static const char *const verbs[STORE_PEOPLE__MAX] = {[STORE_PEOPLE_SIGN_OUT] = "sign-out-everywhere",
                                                         [STORE_PEOPLE_DEACTIVATE] = "deactivate",
                                                         [STORE_PEOPLE_ACTIVATE] = "activate"};
    const char *params[] = {caller->secret, caller->workspace, person, verbs[verb]};
    return store_statement_decide(pg, &account, 4, params);
}
