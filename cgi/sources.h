// SPDX-License-Identifier: Apache-2.0
// The sources of a step or a message: an array of at most 200 objects as in the API's shape `source`, checked and
// printed canonically.
#ifndef CGI_SOURCES_H
#define CGI_SOURCES_H

#include "cgi/request.h"

enum { SOURCES_MAX = 200 };

// `printed` is the JSON array, STR_NONE if the field is absent. `keys` (may be NULL) is an array literal of PostgreSQL
// with one text for each source, equal for equal sources: its URL, else its message, else its title. 0, or the status
// of a problem. Both live as long as the request.
MUST_USE int sources_read(struct request *r, json_t *object, const char *field, struct str *printed, struct str *keys);

// True if `url` is absolute, http or https, has a host and no character that does not belong in a URL.
bool sources_is_url(struct str url);

#endif
