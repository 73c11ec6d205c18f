// SPDX-License-Identifier: Apache-2.0
// Which slugs a message mentions: "@slug" where a word may begin, outside `code` and ``` blocks. Whether somebody has
// that slug is the database's business.
#ifndef CGI_MENTIONS_H
#define CGI_MENTIONS_H

#include "base/buf.h"

enum { MENTIONS_MAX = 50 };

// Appends the slugs in lower case, each once, in the order of the text, at most MENTIONS_MAX, as an array literal of
// PostgreSQL: {ada,ariadne}.
void mentions_print(struct buf *literal, struct str content);

#endif
