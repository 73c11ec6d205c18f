// SPDX-License-Identifier: Apache-2.0
// redaction: what is taken out of the texts of a workspace before they are kept.
#include <stdlib.h>
#include "admin/commands/command.h"
#include "base/redactor.h"
#include "store/redaction.h"

static int list(struct admin *admin, const char *workspace)
{
    return admin_tell_list(admin, "rules", store_redaction_table(admin->pg, workspace));
}

static int tell(const struct admin *admin, struct store_answer take_answer)
{
    return admin_tell(admin, "rule", take_answer, "rule", "a workspace has at most 32 rules");
}

static int check_pattern(struct admin *admin, const char *name, const char *pattern)
{
    const char *why = NULL;
    if (!pattern)
        return admin_wrong(admin, "--pattern is missing");
    if (strlen(pattern) > REDACTOR_PATTERN_MAX)
        return admin_wrong(admin, "a pattern has at most %d bytes", REDACTOR_PATTERN_MAX);
    struct redactor *rules = redactor_new();
    int failed = redactor_add(rules, str_from(name), str_from(pattern), &why);
    redactor_free(rules);
    return failed ? admin_wrong(admin, "the pattern %s", why) : ADMIN_OK;
}

static int set(struct admin *admin, const char *workspace)
{
    const char *name = admin->options.values[OPTION_NAME], *pattern = admin->options.values[OPTION_PATTERN];
    int status = check_pattern(admin, name, pattern);
    return status ? status : tell(admin, store_redaction_set(admin->pg, admin_actor(admin), workspace, name, pattern));
}

static int drop(struct admin *admin, const char *workspace)
{
    return tell(admin,
                store_redaction_drop(admin->pg, admin_actor(admin), workspace, admin->options.values[OPTION_NAME]));
}

static const struct verb {
    const char *name;
    bool is_of_one;
    int (*run)(struct admin *admin, const char *workspace);
} verbs[] = {{"list", false, list}, {"set", true, set}, {"remove", true, drop}};

int command_redaction(struct admin *admin)
{
    size_t at = 0, n = sizeof verbs / sizeof verbs[0];
    const char *name = admin->options.values[OPTION_NAME];
    while (at < n && strcmp(verbs[at].name, admin->options.argument) != 0)
        at++;
    if (at == n)
        return admin_wrong(admin, "redaction takes list, set or remove, not \"%s\"", admin->options.argument);
    if (verbs[at].is_of_one && !(name && redactor_is_name(str_from(name))))
        return admin_wrong(admin, "--name takes lower-case letters, digits and hyphens, at most %d", REDACTOR_NAME_MAX);
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = verbs[at].run(admin, workspace);
    free(workspace);
    return status;
}
