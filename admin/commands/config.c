// SPDX-License-Identifier: Apache-2.0
// config: the table of configuration keys, as the sample file conf/agent-trace.env shows it.
#include "admin/commands/command.h"
#include "base/config.h"

int command_config(struct admin *admin)
{
    (void)admin;
    config_print(stdout);
    return ADMIN_OK;
}
