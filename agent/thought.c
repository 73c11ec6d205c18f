#include "agent/thought.h"

#include <stdlib.h>

#include "agent/clock.h"
#include "agent/log.h"
#include "agent/mask.h"
#include "agent/record.h"

#define ATTEMPTS 3
#define WAIT_MAX_S 30
#define PAUSE_MS 500

/* What the model says in one call: masked, shown as it comes. */
struct voice {
    struct trace_step *step;
    struct mask *mask;
    struct text said;
    bool has_reasoned;
    bool has_answered;
};

static void show(struct voice *voice, size_t had)
{
    if (voice->said.n > had)
        (void)trace_step_append(voice->step, voice->said.p + had, voice->said.n - had);
}

static void take_text(void *arg, enum model_text kind, const char *p, size_t n)
{
    struct voice *voice = arg;
    size_t had = voice->said.n;

    if (kind == MODEL_REASONING) {
        voice->has_reasoned = true;
    } else if (!voice->has_answered) {
        voice->has_answered = true;
        if (voice->has_reasoned)
            mask_feed(voice->mask, "\n\n", 2, &voice->said);
    }
    mask_feed(voice->mask, p, n, &voice->said);
    show(voice, had);
}

/* A model may go straight to a tool: then the step says at least that. */
static void say_what_it_decided(struct voice *voice, const struct chunk_answer *answer)
{
    if (voice->said.n > 0 || answer->call_count == 0)
        return;
    text_adds(&voice->said, "Decided to use ");
    for (size_t i = 0; i < answer->call_count; i++) {
        const struct text *name = &answer->calls[i].name;

        text_addf(&voice->said, "%s%s", i > 0 ? ", " : "", text_string(name));
    }
    text_addc(&voice->said, '.');
}

static enum model_end attempt(struct run *run, struct chunk_answer *answer, struct model_failure *failure)
{
    struct voice voice = {.step = record_start(run->session, run->reconsidering, "thinking", NULL), .mask = mask_new()};
    struct model_sink sink = {.on_text = take_text, .arg = &voice};
    struct record_outcome outcome = {.usage = answer};
    enum model_end end = MODEL_ABORTED;
    size_t had;

    if (!run_is_stopped(run))
        end = model_call(run->http, &run->model, run->messages, run->tools, &sink, answer, failure);
    had = voice.said.n;
    mask_finish(voice.mask, &voice.said);
    show(&voice, had);
    if (end == MODEL_OK)
        say_what_it_decided(&voice, answer);
    voice.said.n = trace_text_fit(text_string(&voice.said), voice.said.n, TRACE_CONTENT_MAX);
    if (voice.said.p != NULL)
        voice.said.p[voice.said.n] = '\0';
    outcome.text = text_string(&voice.said);
    if (end != MODEL_OK) {
        outcome.error_code = end == MODEL_ABORTED ? "stopped" : "model_error";
        outcome.error_sentence = end == MODEL_ABORTED ? "The agent was stopped." : failure->sentence;
    }
    record_end(voice.step, &outcome);
    mask_free(voice.mask);
    text_fini(&voice.said);
    return end;
}

static void wait_before_again(struct run *run, const struct model_failure *failure, int tried)
{
    int64_t ms = (int64_t)PAUSE_MS << tried;

    if (failure->wait_s > 0)
        ms = (failure->wait_s < WAIT_MAX_S ? failure->wait_s : WAIT_MAX_S) * 1000;
    ms += clock_jitter(250);
    for (int64_t until = clock_ms() + ms; clock_ms() < until && !run_is_stopped(run);)
        http_wait(run->http, until - clock_ms());
}

int thought_have(struct run *run, struct chunk_answer *answer)
{
    struct model_failure failure;
    enum model_end end;

    for (int tried = 0;; tried++) {
        *answer = (struct chunk_answer){0};
        end = attempt(run, answer, &failure);
        if (end == MODEL_OK)
            return 0;
        if (end == MODEL_ABORTED)
            return -1;
        log_write(LOG_WARNING, "model call failed session=%s attempt=%d reason=\"%s\" details=\"%s\"",
                  trace_session_id(run->session), tried + 1, failure.sentence, failure.details);
        if (end == MODEL_REFUSED || tried + 1 == ATTEMPTS)
            return run_fail(run, "model_error", failure.sentence);
        chunk_fini(answer);
        wait_before_again(run, &failure, tried);
    }
}
