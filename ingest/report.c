// SPDX-License-Identifier: Apache-2.0
#include "ingest/report.h"

#include "base/jw.h"
#include "base/utf8.h"

enum { ITEM_ID_MAX = 200, LISTED_BYTES_MAX = 4 * 1024 * 1024 };

void report_fini(struct report *report)
{
    buf_fini(&report->successes);
    buf_fini(&report->errors);
}

static void list(struct buf *b, struct str item, int status, const char *why)
{
    if (!item.n || b->n > LISTED_BYTES_MAX)
        return;
    jw_open(b, '{');
    jw_member(b, "id", utf8_prefix(item, ITEM_ID_MAX));
    jw_member_i64(b, "status", status);
    if (why)
        jw_member(b, "message", str_from(why));
    jw_close(b, '}');
}

void report_take(struct report *report, struct str item)
{
    report->taken++;
    if (report->lists_items)
        list(&report->successes, item, 201, NULL);
}

void report_refuse(struct report *report, struct str item, const char *why)
{
    report->refused++;
    if (!report->first_why)
        report->first_why = why;
    if (report->lists_items)
        list(&report->errors, item, 400, why);
}

enum read_outcome report_end(struct report *report, bool is_broken, const char *why)
{
    if (!is_broken)
        return READ_OK;
    if (report->taken + report->refused == 0)
        return READ_BROKEN;
    report_refuse(report, STR_NONE, why);
    return READ_OK;
}
