// SPDX-License-Identifier: Apache-2.0
#include "agent/question.h"

#include <string.h>

#include "agent/member.h"
#include "agent/record.h"
#include "base/clock.h"
#include "base/log.h"

#define LOOK_MS 1000
#define ALLOWANCE_MS 1000 // the server's clock decides when the time is over

static void set_expiry(json_t *content, int64_t seconds)
{
    struct buf at = {0};
    clock_print(&at, clock_wall_us() + seconds * 1000000);
    json_object_set_new(content, "expiresAt", json_string(buf_cstr(&at)));
    buf_fini(&at);
}

// True once a person has decided. The server alone writes decisions, and only those that the question offers.
static bool is_decided(struct run *run, const char *path, enum question_end *end, struct buf *note)
{
    json_t *reply = NULL;
    if (rest_get(&run->rest, path, &reply) != REST_OK)
        return false;
    const json_t *content = json_object_get(json_object_get(reply, "step"), "content");
    const json_t *decision = json_object_get(content, "decision");
    const char *option = member_text(decision, "option");
    bool result = *option != '\0';
    *end = strcmp(option, "approve") == 0 ? QUESTION_APPROVED : QUESTION_REJECTED;
    if (result)
        buf_str(note, str_from(member_text(decision, "note")));
    json_decref(reply);
    return result;
}

static enum question_end wait_for_decision(struct run *run, const char *step_id, int64_t until, struct buf *note)
{
    struct buf path = {0};
    enum question_end decided, end = QUESTION_EXPIRED;
    buf_printf(&path, "agent-sessions/%s/steps/%s", trace_session_id(run->session), step_id);
    while (end == QUESTION_EXPIRED && clock_mono_ms() < until) {
        http_pause(run->http, LOOK_MS);
        if (run_is_stopped(run))
            end = QUESTION_WITHDRAWN;
        else if (is_decided(run, buf_cstr(&path), &decided, note))
            end = decided;
    }
    buf_fini(&path);
    // What was decided in the moment of a stop is not acted on.
    return run_is_stopped(run) ? QUESTION_WITHDRAWN : end;
}

enum question_end question_ask(struct run *run, json_t *content, int64_t seconds, struct buf *note)
{
    static const struct record_outcome undecided[] = {
        [QUESTION_EXPIRED] = {.error_code = "expired", .error_sentence = "Nobody decided in time."},
        [QUESTION_WITHDRAWN] = {.error_code = "withdrawn", .error_sentence = "The question was withdrawn."},
    };
    int64_t until = clock_mono_ms() + seconds * 1000 + ALLOWANCE_MS;
    set_expiry(content, seconds);
    struct trace_step *step = record_start(run->session, run->reconsidering, "approval", content);
    enum question_end end = QUESTION_EXPIRED;
    if (step)
        end = wait_for_decision(run, trace_step_id(step), until, note);
    if (end == QUESTION_EXPIRED || end == QUESTION_WITHDRAWN)
        record_end(step, &undecided[end]);
    else
        trace_step_free(step); // the decision has ended it
    return end;
}

const char *question_refusal(enum question_end end, struct buf *note, struct buf *sentence)
{
    static const struct {
        const char *code, *sentence;
    } refusals[] = {
        [QUESTION_APPROVED] = {"not_allowed", "It was not done."},
        [QUESTION_REJECTED] = {"rejected", "A person did not allow it: it was not done."},
        [QUESTION_EXPIRED] = {"expired", "A person must allow it, and nobody decided in time: it was not done."},
        [QUESTION_WITHDRAWN] = {"stopped", "The agent was stopped before a person decided: it was not done."},
    };
    buf_str(sentence, str_from(refusals[end].sentence));
    if (note->n > 0)
        buf_printf(sentence, " They say: %s", buf_cstr(note));
    return refusals[end].code;
}
