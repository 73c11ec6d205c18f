// SPDX-License-Identifier: Apache-2.0
// The columns in which statements say what the pushers are to hear (store/notify.h), and how they are read: for the
// files of the store alone.
#ifndef STORE_NOTIFY_COLUMNS_H
#define STORE_NOTIFY_COLUMNS_H

#include "store/notify.h"
#include "store/pg_value.h"

// The select list of a statement over a function that returns SETOF told (migrations/0001_baseline.sql): notify_rows().
#define NOTIFY_ROWS "code, name, body, kind, id, seq, (news).*"

// The columns of the SQL function session_news, in its order.
enum { NOTIFY_COLUMNS = 16 };

// Views into `rows`, whose columns `first` to `first` + NOTIFY_COLUMNS - 1 are session_news.
void notify_columns_read(struct notify_session *s, const struct pg_result *rows, int row, int first);

// What notify_session_progress() needs, from the one column of store/counters.h.
void notify_columns_read_progress(struct notify_session *s, const struct pg_result *rows, int row, int column);

#endif
