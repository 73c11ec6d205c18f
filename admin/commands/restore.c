// SPDX-License-Identifier: Apache-2.0
// after-restore: what has to be decided before a restored database is used.
#include <string.h>
#include "admin/commands/command.h"
#include "store/epoch.h"

int command_after_restore(struct admin *admin)
{
    const char *access = admin->options.values[OPTION_ACCESS];
    bool revokes = strcmp(access, "revoke") == 0;
    if (!revokes && strcmp(access, "keep") != 0)
        return admin_wrong(admin, "--access takes keep or revoke");
    struct store_answer answer = store_epoch_draw(admin->pg, revokes);
    int status = admin_outcome(admin, answer.outcome, "", "");
    if (status == ADMIN_OK)
        admin_print_object(admin, "restored", &answer);
    store_answer_fini(&answer);
    return status;
}
