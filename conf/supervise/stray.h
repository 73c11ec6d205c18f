// SPDX-License-Identifier: Apache-2.0
// Processes that a dead program left behind. Those of its process group are killed as a group; this module finds the
// others: children that the supervisor did not start (it is the subreaper, so orphans become its children), and
// processes of an earlier supervisor, which are recognised by the mark that each of them inherited as an open file.
#ifndef CONF_SUPERVISE_STRAY_H
#define CONF_SUPERVISE_STRAY_H

#include <stddef.h>
#include <sys/types.h>
#include "base/must.h"

// Kills every child that is not among `known`. Returns how many of them are not dead yet.
MUST_USE size_t stray_kill_children(const pid_t *known, size_t n);

// Opens the file, kills every other process that has it open, and lets all programs that are started afterwards inherit
// it. Only the one supervisor of that base may call it. 0, or -1 (logged).
MUST_USE int stray_mark(const char *path);

#endif
