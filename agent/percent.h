// SPDX-License-Identifier: Apache-2.0
// percent: percent-encoding for the query and the path segments of a URL.
#ifndef AGENT_PERCENT_H
#define AGENT_PERCENT_H

#include "base/buf.h"

// Appends `s` encoded; the unreserved characters of RFC 3986 stay as they are.
void percent_add(struct buf *out, const char *s);

#endif
