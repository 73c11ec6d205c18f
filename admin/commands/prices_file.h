// SPDX-License-Identifier: Apache-2.0
// A file of prices, as conf/prices.json is one: when and where they were published, and a price for each model.
#ifndef ADMIN_COMMANDS_PRICES_FILE_H
#define ADMIN_COMMANDS_PRICES_FILE_H

#include "admin/commands/command.h"

// Appends to `out` the list that store_price_import() takes; *count: how many. Returns ADMIN_OK, or the status after
// printing what is wrong.
MUST_USE int prices_file_read(struct admin *admin, const char *path, struct buf *out, int64_t *count);

#endif
