// SPDX-License-Identifier: Apache-2.0
#include "store/step_columns.h"

#include "base/jw.h"

#include <assert.h>

void step_columns_read(struct step_row *step, const struct pg_result *rows, int row, int first)
{
    int at = first;
    step->id = pg_str(rows, row, at++);
    step->session_id = pg_str(rows, row, at++);
    step->number = pg_i64(rows, row, at++);
    step->type = pg_str(rows, row, at++);
    step->name = pg_str(rows, row, at++);
    step->parent_id = pg_str(rows, row, at++);
    step->failed = pg_bool(rows, row, at++);
    step->start_seq = pg_i64(rows, row, at++);
    step->end_seq = pg_i64(rows, row, at++);
    step->seq = pg_i64(rows, row, at++);
    step->start_length = pg_i64(rows, row, at++);
    step->content_length = pg_i64(rows, row, at++);
    step->sources = pg_str(rows, row, at++);
    step->message_id = pg_str(rows, row, at++);
    step->usage = pg_str(rows, row, at++);
    step->error = pg_str(rows, row, at++);
    step->started_us = pg_time(rows, row, at++);
    step->completed_us = pg_time(rows, row, at++);
    step->received_us = pg_time(rows, row, at++);
    step->times_adjusted = pg_bool(rows, row, at++);
    step->more_brief = pg_str(rows, row, at++);
    step->more_whole = pg_str(rows, row, at++);
    step->start_content = pg_str(rows, row, at++);
    step->content = pg_str(rows, row, at++);
    assert(at == first + STEP_COLUMNS);
}

void step_columns_read_shown(struct step_row *step, const struct pg_result *rows, int row, int first)
{
    int at = first;
    step->id = pg_str(rows, row, at++);
    step->type = pg_str(rows, row, at++);
    step->name = pg_str(rows, row, at++);
    step->parent_id = pg_str(rows, row, at++);
    step->failed = pg_bool(rows, row, at++);
    step->seq = pg_i64(rows, row, at++);
    step->content_length = pg_i64(rows, row, at++);
    step->sources = pg_str(rows, row, at++);
    step->message_id = pg_str(rows, row, at++);
    step->usage = pg_str(rows, row, at++);
    step->error = pg_str(rows, row, at++);
    step->completed_us = pg_time(rows, row, at++);
    step->received_us = pg_time(rows, row, at++);
    step->times_adjusted = pg_bool(rows, row, at++);
    step->more_brief = pg_str(rows, row, at++);
    step->content = pg_str(rows, row, at++);
    // Which number its end has does not matter here, only that it has ended.
    step->end_seq = step->completed_us ? step->seq : 0;
    assert(at == first + STEP_SHOWN_COLUMNS);
}

void step_columns_print_names(struct buf *out, const char *key, const struct pg_result *rows, int row, int column)
{
    jw_key(out, key);
    jw_open(out, '[');
    for (int at = 0; pg_element(rows, row, column, at).p; at++)
        jw_string(out, pg_element(rows, row, column, at));
    jw_close(out, ']');
}
