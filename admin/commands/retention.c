// SPDX-License-Identifier: Apache-2.0
// retention: for how long the steps of ended sessions are kept, in a workspace or in one of its streams.
#include <stdlib.h>
#include "admin/commands/command.h"
#include "store/retention.h"

static int list(struct admin *admin, const char *workspace)
{
    return admin_tell_list(admin, "retention", store_retention_table(admin->pg, workspace));
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
    return admin_tell(admin, "retention", store_retention_set(admin->pg, admin_actor(admin), workspace, &rule),
                      "channel or scratchpad in the workspace", "");
}

static int clear(struct admin *admin, const char *workspace)
{
    const char *stream = admin->options.values[OPTION_STREAM];
    return admin_tell(admin, "retention", store_retention_clear(admin->pg, admin_actor(admin), workspace, stream),
                      "rule", "");
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
