// SPDX-License-Identifier: Apache-2.0
#include "agent/lent.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/mask.h"
#include "agent/mcp/listing.h"
#include "agent/mcp/toolbox.h"
#include "agent/member.h"
#include "agent/question.h"
#include "agent/record.h"
#include "agent/tools.h"
#include "agent/visible.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#define SENTENCE_CHARACTERS 300
#define ASKED_NAME_CHARACTERS 100

// What came of one call, for its step and for the model.
struct verdict_of_call {
    const char *code; // NULL: it was a success
    struct buf sentence;
};

void lent_offer(struct run *run)
{
    const json_t *tool, *trouble;
    size_t i;
    toolbox_fill(run->toolbox);
    json_array_foreach(toolbox_tools(run->toolbox), i, tool)
    {
        json_array_append_new(run->tools, listing_describe(tool));
    }
    json_array_foreach(toolbox_troubles(run->toolbox), i, trouble)
    {
        json_t *content = json_pack("{s:s, s:s}", "tool", member_text(trouble, "server"), "message",
                                    member_text(trouble, "sentence"));
        record_whole(run->session, NULL, "tool_error", content);
        json_decref(content);
    }
}

// It may repeat a server's words: cut, well-formed and masked.
static void set_sentence(struct verdict_of_call *verdict, const char *code, const char *text)
{
    struct buf mended = {0};
    utf8_mend(&mended, str_from(text));
    struct buf first = {0};
    buf_str(&first, utf8_first(buf_view(&mended), SENTENCE_CHARACTERS));
    char *masked = mask_string(buf_cstr(&first));
    verdict->code = code;
    buf_clear(&verdict->sentence);
    buf_str(&verdict->sentence, str_from(masked));
    free(masked);
    buf_fini(&first);
    buf_fini(&mended);
}

struct progress {
    struct trace_step *step;
    const char *tool; // what a step shows while it is open is all that it says of itself
};

static void show_progress(void *arg, const char *text)
{
    const struct progress *progress = arg;
    struct buf whole = {0};
    buf_printf(&whole, "%s: %s", progress->tool, text);
    char *masked = mask_string(buf_cstr(&whole));
    (void)trace_step_progress(progress->step, masked);
    free(masked);
    buf_fini(&whole);
}

// Whether a person is asked first. A call that was written as text may be words that the model repeats: what may change
// something is not called on their account alone.
static bool has_to_ask(const json_t *tool, bool is_written)
{
    return json_is_true(json_object_get(tool, "asks")) ||
           (is_written && !json_is_true(json_object_get(tool, "readOnly")));
}

static void print_question(struct buf *question, const json_t *tool, const json_t *arguments)
{
    char *printed = json_dumps(arguments, 0);
    buf_lit(question, "May I call the tool \"");
    (void)visible_add_first(question, str_from(member_text(tool, "tool")), ASKED_NAME_CHARACTERS);
    buf_printf(question, "\" of the server \"%s\"? Its arguments: ", member_text(tool, "server"));
    if (visible_add_first(question, str_from(printed), QUESTION_CHARACTERS))
        buf_lit(question, "… (cut; the trace shows all of them)");
    free(printed);
}

// True if a person has allowed the call; else the verdict says why there is none.
static bool is_allowed(struct run *run, const json_t *tool, json_t *arguments, struct verdict_of_call *verdict)
{
    struct buf question = {0}, note = {0};
    print_question(&question, tool, arguments);
    json_t *content =
        json_pack("{s:s, s:O, s:O, s:O}", "question", buf_cstr(&question), "server", json_object_get(tool, "server"),
                  "tool", json_object_get(tool, "tool"), "args", arguments);
    int64_t seconds = json_integer_value(json_object_get(tool, "askSeconds"));
    enum question_end end = question_ask(run, content, seconds, &note);
    if (end != QUESTION_APPROVED) {
        struct buf sentence = {0};
        const char *code = question_refusal(end, &note, &sentence);
        set_sentence(verdict, code, buf_cstr(&sentence));
        log_info("a tool was not allowed server=%s tool=%.64s reason=%s", member_text(tool, "server"),
                 member_text(tool, "name"), code);
        buf_fini(&sentence);
    }
    json_decref(content);
    buf_fini(&note);
    buf_fini(&question);
    return end == QUESTION_APPROVED;
}

static void call(struct run *run, const json_t *tool, json_t *arguments, struct trace_step *step,
                 struct outcome *outcome, struct verdict_of_call *verdict)
{
    char sentence[CLIENT_SENTENCE_MAX] = "";
    struct progress progress = {.step = step, .tool = member_text(tool, "tool")};
    int64_t began_ms = clock_mono_ms();
    switch (toolbox_call(run->toolbox, tool, arguments, show_progress, &progress, outcome, sentence)) {
    case CLIENT_DONE:
        if (outcome->is_error)
            set_sentence(verdict, "tool_failed", buf_cstr(&outcome->output));
        break;
    case CLIENT_FAILED:
        set_sentence(verdict, "tool_unavailable", sentence);
        break;
    case CLIENT_STOPPED:
        set_sentence(verdict, "stopped", "The agent was stopped.");
        break;
    }
    log_info("a tool was called server=%s tool=%.64s error=%s ms=%lld", member_text(tool, "server"),
             member_text(tool, "name"), verdict->code ? verdict->code : "none",
             (long long)(clock_mono_ms() - began_ms));
}

bool lent_use(struct run *run, const char *name, const char *arguments_text, bool is_written, struct buf *output)
{
    const json_t *tool = toolbox_find(run->toolbox, name);
    if (!tool)
        return false;
    json_t *arguments = json_loads(*arguments_text != '\0' ? arguments_text : "{}", 0, NULL);
    json_t *content =
        json_pack("{s:O, s:O}", "server", json_object_get(tool, "server"), "tool", json_object_get(tool, "tool"));
    if (arguments)
        json_object_set(content, "args", arguments);
    struct verdict_of_call verdict = {0};
    struct outcome outcome = {0};
    const char *refusal = json_is_object(arguments) ? NULL : "The arguments are not a JSON object.";
    // The question comes before the step, whose time is the tool's own.
    bool may_call = !refusal && (!has_to_ask(tool, is_written) || is_allowed(run, tool, arguments, &verdict));
    struct trace_step *step = record_start(run->session, run->reconsidering, "tool_call", content);
    if (refusal) {
        set_sentence(&verdict, "not_called", refusal);
        log_warning("a tool was not called server=%s tool=%.64s reason=\"%s\"", member_text(tool, "server"), name,
                    refusal);
    } else if (may_call) {
        call(run, tool, arguments, step, &outcome, &verdict);
    }
    if (outcome.shown)
        json_object_set(content, "result", outcome.shown);
    sources_add(run->sources, outcome.sources);
    record_end(step, &(struct record_outcome){.content = content,
                                              .sources = outcome.sources,
                                              .error_code = verdict.code,
                                              .error_sentence = buf_cstr(&verdict.sentence)});
    if (verdict.code && !outcome.is_error)
        buf_printf(output, "Error: %s", buf_cstr(&verdict.sentence));
    else
        utf8_mend(output, buf_view(&outcome.output));
    tools_cut(output);
    buf_fini(&verdict.sentence);
    outcome_fini(&outcome);
    json_decref(content);
    json_decref(arguments);
    return true;
}
