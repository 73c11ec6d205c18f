// SPDX-License-Identifier: Apache-2.0
// Where what belongs to a release lies once it is installed.
#ifndef ADMIN_COMMANDS_INSTALLED_H
#define ADMIN_COMMANDS_INSTALLED_H

#include "base/buf.h"

// Appends the path of a file or folder of share/agent-trace: beside this program's own directory, which may have been
// moved since it was built, or where it was built for.
void installed_path(struct buf *out, const char *name);

#endif
