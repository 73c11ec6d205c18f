// SPDX-License-Identifier: Apache-2.0
// prune: deletes the steps of sessions that ended long ago, one session a transaction, so that it can run beside
// everything else and be interrupted at any time.
#include <stdio.h>
#include <stdlib.h>
#include "admin/commands/command.h"
#include "admin/commands/when.h"
#include "store/prune.h"

struct pruned {
    struct bus *bus;
    int64_t sessions;
    int64_t steps;
    char *last; // the id up to which everything is done
};

static enum store_outcome prune_found(struct admin *admin, const struct store_answer *found, struct pruned *pruned)
{
    for (int row = 0; row < store_answer_rows(found); row++) {
        free(pruned->last);
        pruned->last = mem_dup(store_prune_id(found, row));
        int64_t steps = 0;
        enum store_outcome outcome = store_prune_session(admin->pg, pruned->bus, pruned->last, &steps);
        if (store_has_failed(outcome))
            return outcome;
        pruned->sessions += outcome == STORE_OK;
        pruned->steps += steps;
    }
    return STORE_OK;
}

int command_prune(struct admin *admin)
{
    int64_t age_s = 0;
    if (when_age(admin->options.values[OPTION_OLDER_THAN], &age_s))
        return admin_wrong(admin, "--older-than takes a number and d, h, m or s, such as 90d");
    struct pruned pruned = {.bus = admin_bus(), .last = mem_dup(STR(""))};
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    for (bool more = true; status == ADMIN_OK && more;) {
        struct store_answer found = store_prune_find(admin->pg, age_s, workspace, pruned.last);
        enum store_outcome outcome = found.outcome;
        more = outcome == STORE_OK && store_answer_rows(&found) > 0;
        if (more)
            outcome = prune_found(admin, &found, &pruned);
        store_answer_fini(&found);
        status = admin_outcome(admin, outcome, "", "");
    }
    if (status == ADMIN_OK)
        printf(options_has(&admin->options, OPTION_JSON) ? "{\"pruned\":{\"sessions\":%lld,\"steps\":%lld}}\n"
                                                         : "pruned %lld sessions, %lld steps\n",
               (long long)pruned.sessions, (long long)pruned.steps);
    bus_free(pruned.bus);
    free(pruned.last);
    free(workspace);
    return status;
}
