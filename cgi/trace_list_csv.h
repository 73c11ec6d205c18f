// SPDX-License-Identifier: Apache-2.0
// A list of sessions as a table for spreadsheets (RFC 4180): all pages of it, however many, sent while they are read.
#ifndef CGI_TRACE_LIST_CSV_H
#define CGI_TRACE_LIST_CSV_H

#include "cgi/request.h"
#include "store/session_list.h"

// Whether the request asks for it, by `format` or, without that, by Accept. 0, or the status of the problem.
MUST_USE int trace_list_csv_wanted(struct request *r, bool *is_csv);

// The whole reply, or its beginning and r->flow.
int trace_list_csv(struct request *r, const struct store_list_query *query);

#endif
