// SPDX-License-Identifier: Apache-2.0
// The caller of a request, in the form that the store takes (store/answer.h). What the caller may do is decided by the
// store's statements.
#ifndef CGI_CALLER_H
#define CGI_CALLER_H

#include "cgi/request.h"
#include "store/answer.h"

// Lives as long as the request. The workspace is the path's first id.
struct caller caller_of(struct request *r);

#endif
