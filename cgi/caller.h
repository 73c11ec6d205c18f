// Who asks, as the stores take it (lib/answer.h). What that caller may do is decided in their statements.
#ifndef CGI_CALLER_H
#define CGI_CALLER_H

#include "cgi/request.h"
#include "lib/answer.h"

// Lives as long as the request. The workspace is the path's first id.
struct caller caller_of(struct request *r);

#endif
