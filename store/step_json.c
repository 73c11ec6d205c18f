// SPDX-License-Identifier: Apache-2.0
#include "store/step_json.h"

#include <assert.h>
#include "base/clock.h"
#include "base/jw.h"
#include "base/utf8.h"
#include "wire/room_name.h"

static void time_member(struct buf *out, const char *key, int64_t at)
{
    jw_key(out, key);
    buf_char(out, '"');
    clock_print(out, at);
    buf_char(out, '"');
}

// How many bytes the character at `p` takes in a canonically printed JSON string, and how many bytes of text it stands
// for: an escape is always one control character, quote or backslash.
static void measure(const char *p, size_t left, size_t *printed, size_t *text)
{
    unsigned char c = (unsigned char)*p;
    if (c == '\\') {
        *printed = left > 1 && p[1] == 'u' ? 6 : 2;
        *text = 1;
        return;
    }
    *printed = *text = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

// Appends the beginning of a printed string that stands for at most STEP_BRIEF_BYTES of text.
static void cut_string(struct buf *out, struct str json)
{
    size_t at = 1, shown = 0;
    while (at < json.n && json.p[at] != '"') {
        size_t printed, text;
        measure(json.p + at, json.n - at, &printed, &text);
        if (shown + text > STEP_BRIEF_BYTES || at + printed > json.n)
            break;
        at += printed;
        shown += text;
    }
    buf_bytes(out, json.p, at);
    buf_char(out, '"');
}

static void content_members(struct buf *out, struct str json, int64_t length, enum step_form form)
{
    if (!json.p)
        return;
    if (form == STEP_WHOLE || length <= STEP_BRIEF_BYTES) {
        jw_member_raw(out, "content", json);
        return;
    }
    jw_key(out, "content");
    if (json.p[0] == '"')
        cut_string(out, json);
    else
        jw_string(out, utf8_prefix(json, STEP_BRIEF_BYTES));
    jw_member_i64(out, "contentLength", length);
    jw_member_bool(out, "truncated", true);
}

static void open_members(struct buf *out, const struct step_row *step, const char *status)
{
    jw_open(out, '{');
    jw_member(out, "id", step->id);
    jw_member(out, "sessionId", step->session_id);
    jw_member_i64(out, "stepNumber", step->number);
    jw_member(out, "stepType", step->type);
    jw_member(out, "name", step->name);
    jw_member(out, "parentStepId", step->parent_id);
    jw_member(out, "status", str_from(status));
}

const char *step_json_status(const struct step_row *step, bool session_ended)
{
    if (!step->end_seq)
        return session_ended ? "interrupted" : "running";
    return step->failed ? "failed" : "completed";
}

int64_t step_json_duration(const struct step_row *step)
{
    return (step->completed_us - step->started_us + 500) / 1000;
}

// Steps are in the order of startedUs, which tells apart what falls into one millisecond.
static void start_members(struct buf *out, const struct step_row *step)
{
    time_member(out, "startedAt", step->started_us);
    jw_member_i64(out, "startedUs", step->started_us);
    if (step->received_us && step->received_us != step->started_us)
        time_member(out, "receivedAt", step->received_us);
    if (step->times_adjusted)
        jw_member_bool(out, "timesAdjusted", true);
}

void step_json(struct buf *out, const struct step_row *step, bool session_ended, enum step_form form)
{
    open_members(out, step, step_json_status(step, session_ended));
    if (step->content.p)
        content_members(out, step->content, step->content_length, form);
    else
        content_members(out, step->start_content, step->start_length, form);
    jw_member_raw(out, "sources", step->sources);
    jw_member(out, "messageId", step->message_id);
    jw_member_raw(out, "usage", step->usage);
    jw_member_raw(out, "error", step->error);
    start_members(out, step);
    if (step->end_seq) {
        time_member(out, "completedAt", step->completed_us);
        jw_member_i64(out, "durationMs", step_json_duration(step));
    }
    buf_str(out, form == STEP_WHOLE ? step->more_whole : step->more_brief);
    jw_member_i64(out, "seq", step->seq);
    jw_close(out, '}');
}

void step_json_started(struct buf *out, const struct step_row *step)
{
    open_members(out, step, "running");
    content_members(out, step->start_content, step->start_length, STEP_BRIEF);
    start_members(out, step);
    jw_member_i64(out, "seq", step->start_seq);
    jw_close(out, '}');
}

void step_json_event(struct buf *out, const struct step_row *step, int64_t seq)
{
    jw_open(out, '{');
    jw_key(out, "room");
    buf_char(out, '"');
    room_name_print(out, &(struct room_name){ROOM_SESSION, step->session_id, STR_NONE});
    buf_char(out, '"');
    jw_member_i64(out, "seq", seq);
    jw_member(out, "sessionId", step->session_id);
    jw_key(out, "step");
    if (seq == step->start_seq && seq != step->end_seq)
        step_json_started(out, step);
    else
        step_json(out, step, false, STEP_BRIEF);
    jw_close(out, '}');
}

enum event step_json_event_kind(const struct step_row *step, int64_t seq)
{
    return seq == step->end_seq     ? EVENT_STEP_COMPLETED
           : seq == step->start_seq ? EVENT_STEP_STARTED
                                    : EVENT_STEP_UPDATED;
}
