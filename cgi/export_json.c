// SPDX-License-Identifier: Apache-2.0
// The two forms that lose nothing: what the API shows, and what it takes.
#include "base/clock.h"
#include "base/jw.h"
#include "cgi/export.h"
#include "cgi/slice.h"

static void json_head(struct buf *out, const struct export_session *session)
{
    jw_open(out, '{');
    jw_member_raw(out, "session", session->json);
    jw_key(out, "steps");
    jw_open(out, '[');
}

// The comma stands at the end of the piece before, if there was one: the pieces are sent apart.
static void json_step(struct buf *out, const struct export_session *session, const struct store_export_step *step)
{
    buf_str(out, step->step.number > 1 ? STR(",\n") : STR("\n"));
    step_json(out, &step->step, session->has_ended, STEP_WHOLE);
}

static void json_tail(struct buf *out, const struct export_session *session)
{
    (void)session;
    buf_lit(out, "\n]}\n");
}

const struct export_form export_json = {"json", "application/json", "json", json_head, json_step, json_tail};

static void nothing(struct buf *out, const struct export_session *session)
{
    (void)out;
    (void)session;
}

static void time_member(struct buf *out, const char *key, int64_t us)
{
    jw_key(out, key);
    buf_char(out, '"');
    clock_print_us(out, us);
    buf_char(out, '"');
}

// A decision cannot be imported as one: it is kept under another name.
static void content_member(struct buf *out, const struct step_row *step)
{
    struct str content = step->content.p ? step->content : step->start_content;
    struct str decision = str_eq(step->type, STR("approval")) && content.n && content.p[0] == '{'
                              ? slice_member(content, STR("decision"))
                              : STR_NONE;
    if (!decision.p) {
        jw_member_raw(out, "content", content);
        return;
    }
    size_t before = (size_t)(decision.p - content.p) - (sizeof("\"decision\":") - 1);
    jw_key(out, "content");
    buf_bytes(out, content.p, before);
    buf_lit(out, "\"decidedElsewhere\":");
    buf_str(out, str_skip(content, (size_t)(decision.p - content.p)));
}

static void ndjson_step(struct buf *out, const struct export_session *session, const struct store_export_step *exported)
{
    const struct step_row *step = &exported->step;
    (void)session;
    jw_open(out, '{');
    jw_member(out, "op", STR("put"));
    jw_member(out, "id", step->id);
    jw_member(out, "stepType", step->type);
    jw_member(out, "name", step->name);
    jw_member(out, "parentStepId", step->parent_id);
    content_member(out, step);
    jw_member_raw(out, "sources", step->sources);
    jw_member(out, "messageId", step->message_id);
    jw_member_raw(out, "usage", step->usage);
    jw_member_raw(out, "error", step->error);
    time_member(out, "startedAt", step->started_us);
    if (step->end_seq) {
        time_member(out, "completedAt", step->completed_us);
        jw_member_bool(out, "completed", true);
    }
    buf_str(out, step->more_whole);
    jw_close(out, '}');
    buf_char(out, '\n');
}

const struct export_form export_ndjson = {"ndjson", "application/x-ndjson", "ndjson", nothing, ndjson_step, nothing};
