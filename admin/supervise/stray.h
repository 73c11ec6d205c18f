// Processes that a dead program left behind. Those of its process group are killed as a group; this finds the others:
// children of ours that we did not start (the supervisor is the subreaper, so orphans come to it), and processes of an
// earlier supervisor, known by the mark that each of them inherited as an open file.
#ifndef ADMIN_SUPERVISE_STRAY_H
#define ADMIN_SUPERVISE_STRAY_H

#include <stddef.h>
#include <sys/types.h>
#include "lib/must.h"

// Kills every child that is not among `known`. The number of those that are not dead yet.
MUST_USE size_t stray_kill_children(const pid_t *known, size_t n);

// Opens the file, kills whoever else has it open, and lets all programs started from here on inherit it. Must be called
// by the one supervisor of that base only. 0, or -1 (logged).
MUST_USE int stray_mark(const char *path);

#endif
