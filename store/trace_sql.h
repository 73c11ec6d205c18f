// SPDX-License-Identifier: Apache-2.0
// The statements that read a session, as texts with gaps: for the files of the store that fill them for a reader of the
// workspace (store/trace.c) and for one of a share (store/share_trace.c). What both have in common stands here once, so
// that a page of a share is a page of the trace.
//
// The gaps: `reader` is the CTE `a` of who asks, with the columns id, here and may; `readable` the condition on a
// session `x` that they may read it; `printed` the session `x` as they see it.
#ifndef STORE_TRACE_SQL_H
#define STORE_TRACE_SQL_H

#include "store/caller.h"
#include "store/step_columns.h"

#define HAS_ENDED "status IN ('completed', 'failed', 'cancelled')"

// The session as its ETag sees it: a heartbeat alone is no change. A text inside cannot contain that member, because
// its quotes would be escaped.
#define STEADY "replace(s.session, coalesce(',\"heartbeatAt\":' || json_time(s.heartbeat_at), ''), '')"

// Whether an If-None-Match names the tag, or is the "*" of RFC 9110, 13.1.2. The comparison is weak: it ignores what
// stands before the quotes.
#define IS_KNOWN(etags) "(" etags " = '*' OR strpos(" etags ", h.tag) > 0)"

// A step's place in the order of a trace.
#define PLACE "(p.started_at, p.step_number)"
#define FORWARDS "p.started_at, p.step_number"
#define BACKWARDS "p.started_at DESC, p.step_number DESC"

// The caller, and the session with its chain of attempts (`chain`: the CTE `rel`).
#define PAGE_HEAD(reader, readable, printed, chain)                                                                    \
    reader ",\n"                                                                                                       \
           "s AS MATERIALIZED (\n"                                                                                     \
           "    SELECT x.id, x.status, x.chain_id, x.step_count, x.last_seq, x.checkpoint_at, x.heartbeat_at,\n"       \
           "           x.trigger_message_id, " printed " AS session\n"                                                 \
           "    FROM agent_sessions x WHERE " readable "),\n"                                                          \
           "rel AS MATERIALIZED (" chain "),\n"                                                                        \
           "h AS MATERIALIZED (\n"                                                                                     \
           "    SELECT s.*, rel.chain, concat('\"', md5(concat(" STEADY ", rel.chain, s.checkpoint_at,\n"              \
           "           forgotten_at(s.id), (SELECT id FROM a))), '\"') AS tag\n"                                       \
           "    FROM s, rel),\n"

// The pivot: the place from which steps are taken forth, and before which they are taken back (no row if none are to be
// shown). Either both its time and its number are known, or it is the beginning.
#define PIVOT_KNOWN                                                                                                    \
    "r AS MATERIALIZED (\n"                                                                                            \
    "    SELECT coalesce(timestamptz 'epoch' + $6::bigint * interval '1 microsecond', '-infinity') AS t,\n"            \
    "           $5::integer + $7::integer AS n FROM h WHERE NOT " IS_KNOWN("$8") ")"

// Or it is found. A number is the place of that step, whatever it is; beyond the last one it is the end. A message is
// the last of its steps.
#define PIVOT_FOUND                                                                                                    \
    "v AS MATERIALIZED (SELECT coalesce(\n"                                                                            \
    "    (SELECT step_number FROM steps WHERE session_id = $4 AND id = $11),\n"                                        \
    "    (SELECT (array_agg(p.step_number ORDER BY " BACKWARDS "))[1] FROM steps p\n"                                  \
    "     WHERE p.session_id = $4 AND p.message_id = $11),\n"                                                          \
    "    CASE WHEN $12::boolean AND $5::integer > (SELECT step_count FROM s) THEN\n"                                   \
    "        (SELECT p.step_number FROM steps p WHERE p.session_id = $4 ORDER BY " BACKWARDS " LIMIT 1) END,\n"        \
    "    $5) AS n),\n"                                                                                                 \
    "r AS MATERIALIZED (\n"                                                                                            \
    "    SELECT coalesce(timestamptz 'epoch' + $6::bigint * interval '1 microsecond',\n"                               \
    "                    (SELECT started_at FROM steps WHERE session_id = $4 AND step_number = v.n),\n"                \
    "                    CASE WHEN v.n > 0 THEN timestamptz 'infinity' ELSE '-infinity' END) AS t,\n"                  \
    "           v.n + $7::integer AS n\n"                                                                              \
    "    FROM v WHERE EXISTS (SELECT FROM h WHERE NOT " IS_KNOWN("$8") "))"

// The bytes that a page may have, and roughly how many of them a step takes.
#define PAGE_BYTES_MAX "4194304"
#define STEP_SIZE                                                                                                      \
    "512 + octet_length(coalesce(p.sources, ''))\n"                                                                    \
    "           + least(octet_length(coalesce(p.content, p.start_content, '')), 98306)"

// `what` of the steps `p` on one side of the pivot: up to `limit` of those nearest to it.
#define SIDE(what, side, order, limit)                                                                                 \
    "(SELECT " what " FROM steps p WHERE p.session_id = $4 AND " PLACE side "((SELECT t FROM r), (SELECT n FROM r))\n" \
    "      ORDER BY " order " LIMIT " limit ")"
#define STEPS_BACK(what, limit) SIDE(what, " < ", BACKWARDS, limit)
#define STEPS_FORTH(what, limit) SIDE(what, " >= ", FORWARDS, limit)

// The first row of a page. `fits`, `before`, `after`: whether its steps are shown, and whether there are more on each
// side. Those are bits of one column (store/trace.c), like whether the ETag is known and the session has ended.
#define PAGE_ABOVE(fits, before, after)                                                                                \
    "(SELECT CASE " STORE_REFUSALS " WHEN h.id IS NULL THEN 404 ELSE 200 END, timestamptz '-infinity',\n"              \
    "        " STEP_COLUMNS_ABOVE(                                                                                     \
        "'W/' || h.tag", "h.last_seq",                                                                                 \
        "\n        " IS_KNOWN("$8") "::integer + 2 * (h." HAS_ENDED ")::integer + 4 * (" fits ")::integer\n"           \
                                    "        + 8 * (" before ")::integer + 16 * (" after ")::integer",                 \
        "h.chain", "h.session") "\n"

// The others are its steps: rows `p`. They come from an index in their order; the planner merges them behind the head
// without sorting or joining: twice as fast as steps joined to the head. The columns are read by
// store_trace_read_page().
#define PAGE_STEPS(steps, condition)                                                                                   \
    "UNION ALL\n"                                                                                                      \
    "(SELECT p.step_number, p.started_at, " STEP_COLUMNS_SHOWN "\n"                                                    \
    " FROM " steps " WHERE " condition " ORDER BY " FORWARDS ")\n"
#define PAGE_FROM " FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN h ON true"
#define PAGE_ORDER "ORDER BY 2, 1"

// One step more is looked at than is shown, on each side from which steps are taken: then there is more. `shown`: a
// macro, rows of steps as the reader sees them, called `p`.
#define MEASURED(side, limit)                                                                                          \
    "(SELECT coalesce(sum(size), 0) AS size, count(*) AS n FROM " side(STEP_SIZE " AS size",                           \
                                                                       limit "::integer + 1") " p)"

// Every step from a known pivot on, if they fit. What stands before the pivot is only looked at.
#define PAGE_FORTH(head, shown)                                                                                        \
    "WITH " head PIVOT_KNOWN ",\n"                                                                                     \
    "fit AS MATERIALIZED (\n"                                                                                          \
    "    SELECT f.size < " PAGE_BYTES_MAX " AS fits,\n"                                                                \
    "           f.n > 0 AND " STEPS_BACK("1", "1") " IS NOT NULL AS before, f.n > $9::integer AS after\n"              \
                                                   "    FROM " MEASURED(STEPS_FORTH, "$9") " f)\n" PAGE_ABOVE(         \
                                                       "fits", "before", "after") PAGE_FROM                            \
        " LEFT JOIN fit ON true)\n" PAGE_STEPS(shown(STEPS_FORTH("p.*", "$9::integer")), "(SELECT fits FROM fit)")     \
            PAGE_ORDER

// Every step from `back` before a pivot that is found to `forth` behind it, if they fit.
#define PAGE_AROUND(head, shown)                                                                                       \
    "WITH " head PIVOT_FOUND ",\n"                                                                                     \
    "fit AS MATERIALIZED (\n"                                                                                          \
    "    SELECT b.size + f.size < " PAGE_BYTES_MAX " AS fits,\n"                                                       \
    "           b.n > $10::integer AND ($10 > 0 OR f.n > 0) AS before,\n"                                              \
    "           f.n > $9::integer AND ($9 > 0 OR b.n > 0) AS after\n"                                                  \
    "    FROM " MEASURED(STEPS_BACK, "$10") " b,\n"                                                                    \
                                            "         " MEASURED(STEPS_FORTH, "$9") " f)\n" PAGE_ABOVE(                \
                                                "fits", "before", "after") PAGE_FROM                                   \
        " LEFT JOIN fit ON true)\n" PAGE_STEPS(shown(STEPS_BACK("p.*", "$10::integer")), "(SELECT fits FROM fit)")     \
            PAGE_STEPS(shown(STEPS_FORTH("p.*", "$9::integer")), "(SELECT fits FROM fit)") PAGE_ORDER

// The steps that match, of the rows `searched`. Of each side of the pivot the nearest ones are taken first, turn about,
// until they would exceed the bound; the nearest is always shown. Values of steps that are not shown are not read.
#define PAGE_SOME(head, searched, changed, steps)                                                                      \
    "WITH " head PIVOT_FOUND ",\n"                                                                                     \
    "m AS MATERIALIZED (\n"                                                                                            \
    "    SELECT p.started_at, p.step_number, " STEP_SIZE " AS size, " PLACE                                            \
    " < ((SELECT t FROM r), (SELECT n FROM r)) AS is_before\n"                                                         \
    "    FROM " searched " p WHERE p.session_id = $4 AND EXISTS (SELECT FROM r) AND " changed "\n"                     \
    "    AND ($15::text IS NULL OR strpos(lower(concat_ws(' ', p.step_type, p.name)), lower($16)) > 0\n"               \
    "         OR shows_text(p.sources, $16, $15) OR shows_text(p.error, $16, $15)\n"                                   \
    "         OR shows_text(CASE WHEN " STEP_QUOTES " THEN " STEP_CONTENT_WITH_TEXTS "\n"                              \
    "                            ELSE coalesce(p.content, p.start_content) END, $16, $15))),\n"                        \
    "ranked AS (\n"                                                                                                    \
    "    SELECT m.*, CASE WHEN is_before THEN count(*) OVER (PARTITION BY is_before) - row_number() OVER w\n"          \
    "                     ELSE row_number() OVER w - 1 END AS rank\n"                                                  \
    "    FROM m WINDOW w AS (PARTITION BY is_before ORDER BY started_at, step_number)),\n"                             \
    "near AS (SELECT * FROM ranked WHERE rank < CASE WHEN is_before THEN $10::integer ELSE $9::integer END\n"          \
    "         ORDER BY rank, is_before LIMIT $13::integer),\n"                                                         \
    "fit AS (SELECT near.*, sum(size) OVER (ORDER BY rank, is_before) - size AS before FROM near),\n"                  \
    "k AS MATERIALIZED (SELECT started_at, step_number FROM fit WHERE before < " PAGE_BYTES_MAX "),\n"                 \
    "lo AS MATERIALIZED (SELECT p.started_at AS t, p.step_number AS n FROM k p ORDER BY " FORWARDS " LIMIT 1),\n"      \
    "hi AS MATERIALIZED (SELECT p.started_at AS t, p.step_number AS n FROM k p ORDER BY " BACKWARDS                    \
    " LIMIT 1)\n" PAGE_ABOVE("true",                                                                                   \
                             "EXISTS (SELECT FROM m p WHERE " PLACE " < ((SELECT t FROM lo), (SELECT n FROM lo)))",    \
                             "EXISTS (SELECT FROM m p WHERE " PLACE " > ((SELECT t FROM hi), (SELECT n FROM hi)))")    \
        PAGE_FROM ")\n" PAGE_STEPS(steps, "true") PAGE_ORDER

// Changed steps are found by the index steps_seq.
#define PAGE_ANY_CHANGED "($14::bigint IS NULL OR p.seq > $14)"
#define PAGE_CHANGED "p.seq > $14::bigint"

// The order of all steps; `message`: the column of each step's message. The columns are read by
// store_trace_read_outline().
#define OUTLINE_ROWS(reader, readable, printed, message)                                                               \
    "WITH " reader ",\n"                                                                                               \
    "s AS MATERIALIZED (\n"                                                                                            \
    "    SELECT x.id, x.status, x.last_seq, x.pruned_at, x.heartbeat_at, " printed " AS session\n"                     \
    "    FROM agent_sessions x WHERE " readable "),\n"                                                                 \
    "h AS MATERIALIZED (SELECT s.*, concat('\"', md5(concat(" STEADY ", s.pruned_at, forgotten_at(s.id),\n"            \
    "    (SELECT id FROM a))), '\"') AS tag FROM s)\n"                                                                 \
    "(SELECT CASE " STORE_REFUSALS " WHEN h.id IS NULL THEN 404 ELSE 200 END, timestamptz '-infinity',\n"              \
    "        'W/' || h.tag, h.session, NULL::text, " IS_KNOWN(                                                         \
        "$5") "::integer + 2 * (h." HAS_ENDED ")::integer,\n"                                                          \
              "        NULL::boolean, NULL::timestamptz, NULL::text, h.last_seq\n"                                     \
              " FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN h ON true)\n"                                      \
              "UNION ALL\n"                                                                                            \
              "(SELECT p.step_number, p.started_at, p.id, p.step_type, p.parent_step_id,\n"                            \
              "        CASE WHEN p.parent_step_id IS NOT NULL THEN\n"                                                  \
              "             (SELECT step_number FROM steps WHERE session_id = $4 AND id = p.parent_step_id) END,\n"    \
              "        p.failed, p.completed_at, " message ", p.seq\n"                                                 \
              " FROM steps p WHERE p.session_id = $4 AND EXISTS (SELECT FROM h WHERE NOT " IS_KNOWN(                   \
                  "$5") ")\n"                                                                                          \
                        " ORDER BY " FORWARDS ")\n"                                                                    \
                        "ORDER BY 2, 1"

// One step; `shown`: the step `raw` of the session `s` as the reader sees it. The columns are read by
// store_trace_read_step().
#define STEP_ROW(reader, readable, shown)                                                                              \
    "WITH " reader ",\n"                                                                                               \
    "s AS MATERIALIZED (SELECT x.id, x.status, x.trigger_message_id FROM agent_sessions x WHERE " readable ")\n"       \
    "SELECT CASE " STORE_REFUSALS " WHEN p.id IS NULL THEN 404 ELSE 200 END, s." HAS_ENDED ",\n"                       \
    "       " STEP_COLUMNS_WHOLE "\n"                                                                                  \
    "FROM (VALUES (1)) one LEFT JOIN a ON true LEFT JOIN s ON true\n"                                                  \
    "LEFT JOIN steps raw ON raw.session_id = $4 AND raw.id = $5 AND s.id IS NOT NULL\n"                                \
    "LEFT JOIN LATERAL " shown " p ON raw.id IS NOT NULL"

#endif
