// SPDX-License-Identifier: Apache-2.0
// What is asked of a person's name, address and password wherever they are given (people.c).
#ifndef ADMIN_COMMANDS_PERSON_H
#define ADMIN_COMMANDS_PERSON_H

#include "admin/commands/command.h"

// Checks a name, and --avatar. Returns ADMIN_OK, or ADMIN_WRONG after printing what is wrong.
MUST_USE int person_check_name(const struct admin *admin, const char *name);
// One "@" with something on both sides and no blanks. Whether mail arrives there is not checked.
MUST_USE bool person_is_address(const char *email);
// Reads the password from standard input and appends its hash. Returns ADMIN_OK, or ADMIN_WRONG after printing what is
// wrong.
MUST_USE int person_read_hash(const struct admin *admin, struct buf *hash);

#endif
