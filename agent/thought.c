// SPDX-License-Identifier: Apache-2.0
#include "agent/thought.h"

#include <stdlib.h>

#include "agent/mask.h"
#include "agent/record.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"

#define WAIT_MAX_MS 300000 // however long a server asks to be left alone, and for a model to be loaded
#define PAUSE_MS 500
#define LOADING_MS 2000
#define LOADING_MAX_MS 10000
#define CHANGES_MAX 32 // what can be learned about one server, and then some
#define TELL_MS 5000   // between two sentences about a wait

struct thought {
    struct run *run;
    struct trace_step *step;
    struct mask *mask;
    struct buf said;  // in this try: masked, shown as it comes
    struct buf notes; // what people should know about the tries, for the step's end
    bool is_fresh;    // nothing of this try has been shown
    bool has_reasoned;
    bool has_answered;
    int tried;
    int changes;
    bool is_second;     // of two tries that a poor answer gets
    int64_t loading_ms; // waited for so far
};

static void show(struct thought *thought, size_t had)
{
    if (thought->said.n == had)
        return;
    if (thought->is_fresh)
        (void)trace_step_progress(thought->step, buf_cstr(&thought->said));
    else
        (void)trace_step_append(thought->step, thought->said.p + had, thought->said.n - had);
    thought->is_fresh = false;
}

static void take_text(void *arg, enum model_text kind, const char *p, size_t n)
{
    struct thought *thought = arg;
    size_t had = thought->said.n;
    if (kind == MODEL_REASONING) {
        thought->has_reasoned = true;
    } else if (!thought->has_answered) {
        thought->has_answered = true;
        if (thought->has_reasoned)
            mask_feed(thought->mask, "\n\n", 2, &thought->said);
    }
    mask_feed(thought->mask, p, n, &thought->said);
    show(thought, had);
}

static void add_note(struct thought *thought, const char *note)
{
    buf_printf(&thought->notes, "\n\n*Note: %s*", note);
}

// The whole of a reply, as the step keeps it: what was thought and what was said.
static void compose(struct reply *reply, struct buf *text)
{
    struct buf plain = {0};
    buf_str(&plain, buf_view(&reply->reasoning));
    if (plain.n > 0 && reply->content.n + reply->refusal.n > 0)
        buf_lit(&plain, "\n\n");
    buf_str(&plain, buf_view(&reply->content));
    buf_str(&plain, buf_view(&reply->refusal));
    if (plain.n == 0 && reply->calls.count > 0) {
        buf_lit(&plain, "Decided to use ");
        for (size_t i = 0; i < reply->calls.count; i++)
            buf_printf(&plain, "%s%s", i > 0 ? ", " : "", buf_cstr(&reply->calls.list[i].name));
        buf_char(&plain, '.');
    }
    char *masked = mask_string(buf_cstr(&plain));
    buf_str(text, str_from(masked));
    free(masked);
    buf_fini(&plain);
}

static void end_step(struct thought *thought, struct reply *reply, enum model_end end, const char *sentence)
{
    struct record_outcome outcome = {.usage = reply};
    struct buf text = {0};
    if (end == MODEL_OK)
        compose(reply, &text);
    else
        buf_str(&text, buf_view(&thought->said));
    if (reply->skipped > 0) {
        struct buf note = {0};
        buf_printf(&note, "%zu part%s of what the model sent could not be read and %s skipped.", reply->skipped,
                   reply->skipped == 1 ? "" : "s", reply->skipped == 1 ? "was" : "were");
        add_note(thought, buf_cstr(&note));
        buf_fini(&note);
    }
    text.n = trace_text_fit(buf_cstr(&text), text.n, TRACE_CONTENT_MAX - thought->notes.n);
    buf_str(&text, buf_view(&thought->notes));
    outcome.text = buf_cstr(&text);
    if (end != MODEL_OK) {
        outcome.error_code = end == MODEL_ABORTED ? "stopped" : "model_error";
        outcome.error_sentence = end == MODEL_ABORTED ? "The agent was stopped." : sentence;
    }
    record_end(thought->step, &outcome);
    buf_fini(&text);
}

static enum model_end attempt(struct thought *thought, struct reply *reply, struct model_failure *failure)
{
    struct run *run = thought->run;
    const struct model_sink sink = {.on_text = take_text, .arg = thought};
    enum model_end end = MODEL_ABORTED;
    *failure = (struct model_failure){0};
    buf_clear(&thought->said);
    thought->is_fresh = true;
    thought->has_reasoned = thought->has_answered = false;
    if (!run_is_stopped(run))
        end = model_call(run->http, &run->model, run->messages, run->tools, &sink, reply, failure);
    size_t had = thought->said.n;
    mask_finish(thought->mask, &thought->said);
    show(thought, had);
    return end;
}

// What is waited for is said in the step, behind what has come so far.
static void tell_wait(struct thought *thought, bool is_loading, int64_t left_ms)
{
    struct buf text = {0};
    int64_t seconds = (left_ms + 999) / 1000;
    buf_str(&text, buf_view(&thought->said));
    if (text.n > 0)
        buf_lit(&text, "\n\n");
    if (is_loading)
        buf_printf(&text, "*Waiting for the model to be loaded, asking again in %lld s.*", (long long)seconds);
    else
        buf_printf(&text, "*Waiting for the model, try %d of %lld, in %lld s.*", thought->tried + 1,
                   (long long)thought->run->settings->model_tries, (long long)seconds);
    (void)trace_step_progress(thought->step, buf_cstr(&text));
    buf_fini(&text);
}

static void wait_before_again(struct thought *thought, bool is_loading, int64_t ms)
{
    struct run *run = thought->run;
    int64_t until = clock_mono_ms() + ms, now;
    while ((now = clock_mono_ms()) < until && !run_is_stopped(run)) {
        int64_t slice = until - now < TELL_MS ? until - now : TELL_MS;
        tell_wait(thought, is_loading, until - now);
        for (int64_t end = now + slice; (now = clock_mono_ms()) < end && !run_is_stopped(run);)
            http_wait(run->http, end - now);
    }
}

static int64_t wait_ms(const struct model_failure *failure, int64_t usual)
{
    int64_t ms = failure->wait_ms > 0 ? failure->wait_ms : usual;
    return (ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS) + id_random_below(250);
}

// Whether to call again, after having waited; the tries are counted here.
static bool is_worth_another(struct thought *thought, enum model_end end, const struct model_failure *failure)
{
    int64_t loading = LOADING_MS + thought->loading_ms / 8, ms;
    switch (end) {
    case MODEL_CHANGED:
        return thought->changes++ < CHANGES_MAX;
    case MODEL_LOADING:
        ms = wait_ms(failure, loading < LOADING_MAX_MS ? loading : LOADING_MAX_MS);
        if (thought->loading_ms + ms > WAIT_MAX_MS)
            return false;
        thought->loading_ms += ms;
        wait_before_again(thought, true, ms);
        return true;
    case MODEL_TWICE:
        if (thought->is_second)
            return false;
        thought->is_second = true;
        break;
    case MODEL_AGAIN:
        break;
    case MODEL_OK:
    case MODEL_ABORTED:
    case MODEL_REFUSED:
        return false;
    }
    if (++thought->tried >= thought->run->settings->model_tries)
        return false;
    ms = wait_ms(failure, (int64_t)PAUSE_MS << (thought->tried - 1 < 6 ? thought->tried - 1 : 6));
    wait_before_again(thought, false, ms);
    return true;
}

static void explain_try(struct thought *thought, enum model_end end, const struct model_failure *failure)
{
    if (end == MODEL_AGAIN || end == MODEL_TWICE)
        add_note(thought, failure->sentence);
    log_line(end == MODEL_CHANGED || end == MODEL_LOADING ? LOG_INFO : LOG_WARNING,
             "a call of the model failed session=%s try=%d details=\"%s\"", trace_session_id(thought->run->session),
             thought->tried + 1, failure->details);
}

int thought_have(struct run *run, struct reply *reply)
{
    struct thought thought = {
        .run = run, .step = record_start(run->session, run->reconsidering, "thinking", NULL), .mask = mask_new()};
    struct model_failure failure;
    enum model_end end;
    *reply = (struct reply){0};
    while ((end = attempt(&thought, reply, &failure)) != MODEL_OK && end != MODEL_ABORTED) {
        explain_try(&thought, end, &failure);
        if (!is_worth_another(&thought, end, &failure))
            break;
        reply_fini(reply);
    }
    // The last try's sentence is the step's error; as a note it would be there twice.
    if (end != MODEL_OK)
        buf_clear(&thought.notes);
    end_step(&thought, reply, end, failure.sentence);
    mask_free(thought.mask);
    buf_fini(&thought.said);
    buf_fini(&thought.notes);
    if (end == MODEL_OK)
        return 0;
    return end == MODEL_ABORTED ? -1 : run_fail(run, "model_error", failure.sentence);
}
