// New counters of a session whose steps a statement writes: a fragment of SQL.
#ifndef LIB_STORE_COUNTERS_H
#define LIB_STORE_COUNTERS_H

// Of the updated session x, what publish_read_progress() reads; absent without a stream. One value in place of four: a
// statement pays for each column that it carries out of its parts.
#define STORE_COUNTERS                                                                                                 \
    "CASE WHEN x.stream_id IS NOT NULL THEN ARRAY[x.stream_id, x.parent_stream_id, x.parent_message_id,\n"             \
    "            session_json(x)] END AS counters"

#endif
