// SPDX-License-Identifier: Apache-2.0
#include "ingest/items.h"

#include "ingest/scan.h"

static bool is_one_of(struct str key, const char *const names[])
{
    for (; *names; names++)
        if (str_eq(key, str_from(*names)))
            return true;
    return false;
}

enum read_outcome items_read(struct str body, const char *const names[], items_take *take, struct tree *tree,
                             struct report *report)
{
    struct scan object, array;
    struct str key, value, ignored, item;
    bool is_broken = false;
    if (!scan_open(&object, body) || !object.is_object)
        return READ_BROKEN;
    while (scan_next(&object, &key, &value)) {
        if (!is_one_of(key, names) || !scan_open(&array, value) || array.is_object)
            continue;
        while (scan_next(&array, &ignored, &item))
            if (take(key, item, tree, report))
                return READ_UNAVAILABLE;
        is_broken = is_broken || array.is_broken;
    }
    return report_end(report, is_broken || object.is_broken, REPORT_NO_JSON);
}
