// SPDX-License-Identifier: Apache-2.0
// What a list of sessions is asked for (store/session_list.h), read from the parameters of the request; and the cursor,
// which holds the order and a place in it.
#ifndef CGI_TRACE_LIST_QUERY_H
#define CGI_TRACE_LIST_QUERY_H

#include "cgi/request.h"
#include "store/session_list.h"

// 0, or the status of the problem that names the parameter. The views live as long as the request.
MUST_USE int trace_list_query_read(struct request *r, struct store_list_query *query);

// Prints the cursor of the page that begins behind that item.
void trace_list_query_print_cursor(struct buf *out, const struct store_list_query *query,
                                   const struct store_list_item *item);

#endif
