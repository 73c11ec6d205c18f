// SPDX-License-Identifier: Apache-2.0
#include "store/notify_columns.h"

#include <assert.h>

void notify_columns_read(struct notify_session *s, const struct pg_result *rows, int row, int first)
{
    int at = first;
    s->session_id = pg_str(rows, row, at++);
    s->session_seq = pg_i64(rows, row, at++);
    s->workspace_id = pg_str(rows, row, at++);
    s->persona_id = pg_str(rows, row, at++);
    s->stream_id = pg_str(rows, row, at++);
    s->stream_seq = pg_i64(rows, row, at++);
    s->at_us = pg_time(rows, row, at++);
    s->actor = pg_str(rows, row, at++);
    s->parent_stream_id = pg_str(rows, row, at++);
    s->parent_message_id = pg_str(rows, row, at++);
    s->root_id = pg_str(rows, row, at++);
    s->root_last_seq = pg_i64(rows, row, at++);
    s->others_active = pg_i64(rows, row, at++);
    s->followers = pg_str(rows, row, at++);
    s->session = pg_str(rows, row, at++);
    s->metadata = pg_str(rows, row, at++);
    assert(at == first + NOTIFY_COLUMNS);
}

void notify_columns_read_progress(struct notify_session *s, const struct pg_result *rows, int row, int column)
{
    enum { STREAM, PARENT_STREAM, PARENT_MESSAGE, SESSION };
    s->stream_id = pg_element(rows, row, column, STREAM);
    s->parent_stream_id = pg_element(rows, row, column, PARENT_STREAM);
    s->parent_message_id = pg_element(rows, row, column, PARENT_MESSAGE);
    s->session = pg_element(rows, row, column, SESSION);
}
