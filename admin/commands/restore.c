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
    return admin_tell(admin, "restored", store_epoch_draw(admin->pg, revokes), "", "");
}
