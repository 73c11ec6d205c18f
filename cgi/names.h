// SPDX-License-Identifier: Apache-2.0
// Fields of a body by which people and personas are named, with one rule for all routes that take them: each reader
// answers 0 and the value, or the status of a problem, as those of cgi/body.h.
#ifndef CGI_NAMES_H
#define CGI_NAMES_H

#include "cgi/body.h"

// A name of 1 to 200 bytes that is not blank and stands on one line.
MUST_USE int names_read(struct request *r, const char *field, enum presence presence, struct str *name);

// True if a name has that form, whoever gave it.
bool names_is_good(struct str name);

// The field `role`: admin or member.
MUST_USE int names_read_role(struct request *r, enum presence presence, struct str *role);

// The field `email`: one address, without what could make two of it.
MUST_USE int names_read_email(struct request *r, struct str *email);

// The field `avatar`: one or two letters or an emoji, never an address.
MUST_USE int names_read_avatar(struct request *r, struct str *avatar);

// The field `slug`, which people type behind "@": lower-case letters, digits, and hyphens between them.
MUST_USE int names_read_slug(struct request *r, struct str *slug);

#endif
