// SPDX-License-Identifier: Apache-2.0
// The new counters of a session after a statement has written its steps: a fragment of SQL.
#ifndef STORE_COUNTERS_H
#define STORE_COUNTERS_H

// What notify_columns_read_progress() reads of the updated session x; NULL without a stream. It is one value instead of
// four because every column that leaves a part of a statement costs time.
#define STORE_COUNTERS                                                                                                 \
    "CASE WHEN x.stream_id IS NOT NULL THEN ARRAY[x.stream_id, x.parent_stream_id, x.parent_message_id,\n"             \
    "            session_json(x)] END AS counters"

#endif
