// SPDX-License-Identifier: Apache-2.0
// access_log: where TRACE_ACCESS_LOG is 1, a line of JSON on standard error for each request that was answered. It has
// the route's pattern instead of the path, and neither query, header nor body: what people write and search for, and
// what opens something, stays out of it.
#ifndef CGI_ACCESS_LOG_H
#define CGI_ACCESS_LOG_H

#include "cgi/route.h"

// `route`: NULL if there is none. `is_taken`: the reply went out whole.
void access_log_request(const struct request *r, const struct program *program, const struct route *route, int status,
                        bool is_taken);

#endif
