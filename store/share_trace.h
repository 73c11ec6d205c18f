// SPDX-License-Identifier: Apache-2.0
// The statements that read a session through a share. They have the parameters and columns of those of the workspace's
// readers, which store/trace.c fills and reads: $1 is a ticket instead of a sign-in, and $2 a share instead of a
// workspace.
#ifndef STORE_SHARE_TRACE_H
#define STORE_SHARE_TRACE_H

#include "store/pg.h"

extern const struct pg_statement store_share_page_forth, store_share_page_around, store_share_page_some,
    store_share_page_changed, store_share_outline, store_share_step;

#endif
