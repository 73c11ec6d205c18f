// SPDX-License-Identifier: Apache-2.0
// retention: for how long the steps of ended sessions are kept, in a workspace or in one of its streams.
#include <stdlib.h>
#include "admin/commands/command.h"
#include "store/retention.h"

// Prints the answer, which it ends, or what is wrong.
static int tell(struct admin *admin, struct store_answer answer, const char *missing)
{
    int status = admin_outcome(admin, answer.outcome, missing, "");
    if (status == ADMIN_OK)
        admin_print_object(admin, "retention", &answer);
    store_answer_fini(&answer);
    return status;
}

static int list(struct admin *admin, const char *workspace)
{
    struct store_answer answer = store_retention_table(admin->pg, workspace);
    int status = admin_outcome(admin, answer.outcome, "", "");
    if (status == ADMIN_OK)
        admin_print_list(admin, "retention", &answer);
    store_answer_fini(&answer);
    return status;
}

static int set(struct admin *admin, const char *workspace)
{
    const char *days = admin->options.values[OPTION_DAYS], *hold = admin->options.values[OPTION_HOLD];
    struct store_retention rule = {.stream = admin->options.values[OPTION_STREAM],
                                   .is_held = hold && strcmp(hold, "yes") == 0};
    int64_t number = 0;
    if (!days || (strcmp(days, "forever") != 0 &&
                  (str_to_i64(str_from(days), &number) || number < 1 || number > RETENTION_DAYS_MAX)))
        return admin_wrong(admin, "--days takes 1 to %d, or forever", RETENTION_DAYS_MAX);
    if (hold && !rule.is_held && strcmp(hold, "no") != 0)
        return admin_wrong(admin, "--hold takes yes or no");
    rule.days = number ? days : NULL;
    return tell(admin, store_retention_set(admin->pg, admin_actor(admin), workspace, &rule),
                "channel or scratchpad in the workspace");
}

static int clear(struct admin *admin, const char *workspace)
{
    return tell(admin,
                store_retention_clear(admin->pg, admin_actor(admin), workspace, admin->options.values[OPTION_STREAM]),
                "rule");
}

static const struct verb {
    const char *name;
    int (*run)(struct admin *admin, const char *workspace);
} verbs[] = {{"list", list}, {"set", set}, {"clear", clear}};

int command_retention(struct admin *admin)
{
    size_t at = 0, n = sizeof verbs / sizeof verbs[0];
    while (at < n && strcmp(verbs[at].name, admin->options.argument) != 0)
        at++;
    if (at == n)
        return admin_wrong(admin, "retention takes list, set or clear, not \"%s\"", admin->options.argument);
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = verbs[at].run(admin, workspace);
    free(workspace);
    return status;
}
