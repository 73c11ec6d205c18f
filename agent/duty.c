// SPDX-License-Identifier: Apache-2.0
#include "agent/duty.h"

#include <jansson.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "agent/crew.h"
#include "agent/listen.h"
#include "base/log.h"
#include "base/manager.h"
#include "agent/probe.h"
#include "agent/remains.h"
#include "agent/rest.h"
#include "agent/seat.h"
#include "agent/percent.h"
#include "base/buf.h"
#include "agent/member.h"

#define LIST_EVERY_MS 15000
#define LIST_BLIND_MS 1000 // while there is no subscription, or the server could not be asked
#define STOP_MS 5000       // for the crew to fail its sessions
#define FLUSH_MS 3000      // for what is still queued

struct duty {
    const struct settings *settings;
    struct trace_emitter *emitter;
    struct http *http;
    struct seat *seat;
    struct crew *crew;
    struct probe *probe;
    struct rest rest;
    bool has_inherited; // the sessions that a predecessor left have been ended; no session is taken before
    struct listen *listen;
    bool list_is_due;
    bool has_listed; // at the last attempt
    int64_t listed_at_ms;
    int64_t round_at_ms; // when refused sessions were last asked for again
    atomic_int ends;     // how often duty_end() was called
};

static void log_emitter(void *user, enum trace_log_level level, const char *line)
{
    (void)user;
    log_line(level == TRACE_LOG_ERROR ? LOG_ERROR : level == TRACE_LOG_WARNING ? LOG_WARNING : LOG_INFO, "%s", line);
}

// This runs on the emitter's thread, which lives only as long as the duty.
static void session_ended(void *user, const char *session_id, const char *status)
{
    struct duty *duty = user;
    crew_note_ended(duty->crew, session_id, status);
}

// A session without a conversation belongs to some other program: there is nothing to answer.
static void take(struct duty *duty, const json_t *session)
{
    if (duty->ends > 0 || !duty->has_inherited || strcmp(member_text(session, "status"), "pending") != 0 ||
        *member_text(session, "streamId") == '\0' ||
        strcmp(member_text(session, "personaId"), duty->settings->persona) != 0)
        return;
    (void)crew_take(duty->crew, member_text(session, "id"));
}

static void take_event(void *arg, const char *name, const json_t *data)
{
    struct duty *duty = arg;
    const json_t *session = json_object_get(data, "session");
    if (strcmp(name, "ready") == 0) {
        log_info("on duty persona=%s", duty->settings->persona);
        duty->list_is_due = true;
    } else if (strcmp(name, "agent_session:requested") == 0) {
        take(duty, session);
    } else if (strcmp(name, "agent_session:cancelled") == 0) {
        crew_note_ended(duty->crew, member_text(session, "id"), member_text(session, "status"));
    } else if (strcmp(name, "revoked") == 0) {
        log_error("the persona's room was taken away from the token reason=%s", member_text(data, "reason"));
    }
}

static int list_pending(struct duty *duty)
{
    struct buf path = {0};
    json_t *reply = NULL;
    int result = -1;
    buf_lit(&path, "agent-sessions?status=pending&limit=100&personaId=");
    percent_add(&path, duty->settings->persona);
    json_t *sessions;
    if (rest_get(&duty->rest, buf_cstr(&path), &reply) == REST_OK) {
        sessions = json_object_get(reply, "sessions");
        // The list begins with the newest session, but the one that has waited longest goes first.
        for (size_t i = json_array_size(sessions); i > 0; i--)
            take(duty, json_array_get(sessions, i - 1));
        result = 0;
    }
    json_decref(reply);
    buf_fini(&path);
    return result;
}

static void look(struct duty *duty)
{
    const char *worker_id = seat_worker_id(duty->seat);
    duty->list_is_due = false;
    if (clock_mono_ms() >= duty->round_at_ms + LIST_EVERY_MS) {
        duty->round_at_ms = clock_mono_ms();
        crew_ask_again(duty->crew);
    }
    if (!duty->has_inherited)
        duty->has_inherited = remains_end(&duty->rest, duty->emitter, duty->settings->persona, worker_id) == 0;
    duty->has_listed = duty->has_inherited && list_pending(duty) == 0;
    duty->listed_at_ms = clock_mono_ms();
}

static int64_t next_look(const struct duty *duty)
{
    bool is_told = duty->has_listed && listen_is_live(duty->listen);
    if (duty->list_is_due)
        return 0;
    return is_told ? duty->round_at_ms + LIST_EVERY_MS : duty->listed_at_ms + LIST_BLIND_MS;
}

static void wait_for_crew(struct duty *duty, int64_t ms, int ends)
{
    int64_t until = clock_mono_ms() + ms;
    while (crew_size(duty->crew) > 0 && clock_mono_ms() < until && duty->ends < ends) {
        http_wait(duty->http, until - clock_mono_ms());
        (void)crew_reap(duty->crew);
    }
}

struct duty *duty_new(const struct settings *settings)
{
    struct duty *duty = mem_zero(sizeof *duty);
    struct trace_config trace = {.url = settings->url,
                                 .workspace = settings->workspace,
                                 .token = settings->token,
                                 .connections = (int)settings->sessions + 1,
                                 .no_watch = true, // the persona's room tells
                                 .on_log = log_emitter,
                                 .on_ended = session_ended,
                                 .user = duty};
    duty->settings = settings;
    duty->http = http_new();
    duty->emitter = trace_emitter_new(&trace);
    if (!duty->emitter) {
        http_free(duty->http);
        free(duty);
        return NULL;
    }
    duty->seat = seat_new(settings->persona);
    duty->crew = crew_new(settings, duty->emitter, duty->http, seat_worker_id(duty->seat));
    duty->rest = (struct rest){
        .http = duty->http, .url = settings->url, .workspace = settings->workspace, .token = settings->token};
    return duty;
}

void duty_free(struct duty *duty)
{
    if (!duty)
        return;
    // A thread that is still at work is waiting for the emitter, which refuses everything from here on.
    trace_emitter_free(duty->emitter);
    crew_stop(duty->crew);
    wait_for_crew(duty, INT32_MAX, INT_MAX);
    crew_free(duty->crew);
    seat_free(duty->seat);
    http_free(duty->http);
    free(duty);
}

void duty_run(struct duty *duty)
{
    struct buf url = {0};
    rest_events_url(&duty->rest, "persona", duty->settings->persona, &url);
    duty->listen = listen_new(
        duty->http, &(struct listen_config){
                        .url = buf_cstr(&url), .token = duty->settings->token, .on_event = take_event, .arg = duty});
    duty->probe = probe_new(duty->http, duty->settings);
    http_set_pulse(duty->http, manager_alive);
    manager_ready();
    while (duty->ends == 0) {
        if (crew_reap(duty->crew) > 0)
            duty->list_is_due = true;
        if (clock_mono_ms() >= next_look(duty))
            look(duty);
        probe_look(duty->probe);
        http_wait(duty->http, next_look(duty) - clock_mono_ms());
    }
    log_info("going off duty sessions=%zu", crew_size(duty->crew));
    manager_stopping();
    wait_for_crew(duty, duty->settings->drain_s * 1000, 2);
    crew_stop(duty->crew);
    wait_for_crew(duty, STOP_MS, INT_MAX);
    listen_free(duty->listen);
    probe_free(duty->probe);
    if (trace_emitter_flush(duty->emitter, FLUSH_MS) != 0)
        log_warning("some of what was recorded could not be delivered");
    buf_fini(&url);
}

void duty_end(struct duty *duty)
{
    duty->ends++;
    http_wake(duty->http);
}
