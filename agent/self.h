// SPDX-License-Identifier: Apache-2.0
// self: where this program's file is, for processes that are this program once more.
#ifndef AGENT_SELF_H
#define AGENT_SELF_H

#include "base/must.h"

// Must be called once, before any thread is started.
int self_init(void) MUST_USE;
const char *self_path(void);

#endif
