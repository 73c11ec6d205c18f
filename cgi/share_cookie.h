// SPDX-License-Identifier: Apache-2.0
// The cookie that holds a share's ticket (store/share.h). Browsers send it to the share's own paths alone, so that the
// tickets of two shares do not meet, and a reader who is signed in reads a share as any stranger does.
#ifndef CGI_SHARE_COOKIE_H
#define CGI_SHARE_COOKIE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

// Whether requests of that path are those of a share's reader: there no other credential counts.
bool share_cookie_is_path(struct str path);

// The ticket in a Cookie header; STR_NONE if there is none.
struct str share_cookie_read(struct str cookies, bool is_tls);

// Appends the value of a Set-Cookie header: the ticket for so many seconds. `share`: its id.
void share_cookie_print(struct buf *out, struct str share, struct str ticket, int64_t seconds, bool is_tls);

#endif
