// SPDX-License-Identifier: Apache-2.0
#include "store/repeat.h"

#include "base/jw.h"
#include "store/said.h"
#include "store/statement.h"
#include "store/step_columns.h"

enum { HAS_ENDED, FIELDS };

static const struct pg_statement compare PG_STATEMENT = {
    "step_repeat",
    "SELECT p.end_seq IS NOT NULL, conflicts_of_step(p, x)\n"
    "FROM steps p, json_populate_record(NULL::step_said, $3::json) x WHERE p.session_id = $1 AND p.id = $2",
};

struct store_answer store_repeat_compare(struct pg *pg, const char *session, const struct store_step_input *in,
                                         bool is_start, struct store_repeat *out)
{
    static const struct store_step_input nothing;
    struct buf said = {0};
    jw_open(&said, '{');
    store_said_print(&said, in, is_start ? &nothing : in);
    jw_member_bool(&said, "ends", !is_start);
    jw_close(&said, '}');
    struct store_answer answer =
        store_statement_find(pg, &compare, 3, (const char *const[]){session, in->id, buf_cstr(&said)});
    *out = (struct store_repeat){0};
    if (answer.outcome == STORE_OK) {
        out->has_ended = pg_bool(answer.rows, 0, HAS_ENDED);
        out->differs = pg_element(answer.rows, 0, FIELDS, 0).p;
    }
    buf_fini(&said);
    return answer;
}

void store_repeat_print_fields(const struct store_answer *answer, struct buf *out)
{
    step_columns_print_names(out, "fields", answer->rows, 0, FIELDS);
}
