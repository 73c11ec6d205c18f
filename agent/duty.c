#include "agent/duty.h"

#include <jansson.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/crew.h"
#include "agent/listen.h"
#include "agent/log.h"
#include "agent/remains.h"
#include "agent/rest.h"
#include "agent/seat.h"

#define LIST_EVERY_MS 15000
#define LIST_BLIND_MS 1000 /* while nobody tells, or the server could not be asked */
#define STOP_MS 5000       /* for the crew to fail its sessions */
#define FLUSH_MS 3000      /* for what is still queued */

struct duty {
    const struct config *config;
    struct trace_emitter *emitter;
    struct http *http;
    struct seat *seat;
    struct crew *crew;
    struct rest rest;
    bool has_inherited; /* what a predecessor left is ended; nothing is taken before */
    struct listen *listen;
    bool list_is_due;
    bool has_listed; /* the last time it was tried */
    int64_t listed_at;
    int64_t round_at; /* when what was refused was last asked for again */
    atomic_int ends;  /* how often duty_end() was called */
};

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL ? value : "";
}

static void log_emitter(void *user, enum trace_log_level level, const char *line)
{
    (void)user;
    log_write(level == TRACE_LOG_ERROR ? LOG_ERROR : level == TRACE_LOG_WARNING ? LOG_WARNING : LOG_INFO, "%s", line);
}

/* On the emitter's thread, which runs only while the duty does. */
static void session_ended(void *user, const char *session_id, const char *status)
{
    struct duty *duty = user;

    crew_note_ended(duty->crew, session_id, status);
}

/* A session without a conversation is some other program's: there is nothing here to answer. */
static void take(struct duty *duty, const json_t *session)
{
    if (duty->ends > 0 || !duty->has_inherited || strcmp(string_of(session, "status"), "pending") != 0 ||
        *string_of(session, "streamId") == '\0' || strcmp(string_of(session, "personaId"), duty->config->persona) != 0)
        return;
    (void)crew_take(duty->crew, string_of(session, "id"));
}

static void take_event(void *arg, const char *name, const json_t *data)
{
    struct duty *duty = arg;
    const json_t *session = json_object_get(data, "session");

    if (strcmp(name, "ready") == 0) {
        log_write(LOG_INFO, "on duty persona=%s", duty->config->persona);
        duty->list_is_due = true;
    } else if (strcmp(name, "agent_session:requested") == 0) {
        take(duty, session);
    } else if (strcmp(name, "agent_session:cancelled") == 0) {
        crew_note_ended(duty->crew, string_of(session, "id"), string_of(session, "status"));
    } else if (strcmp(name, "revoked") == 0) {
        log_write(LOG_ERROR, "the persona's room is not ours to hear reason=%s", string_of(data, "reason"));
    }
}

static int list_pending(struct duty *duty)
{
    struct text path = {0};
    json_t *reply = NULL, *sessions;
    int result = -1;

    text_adds(&path, "agent-sessions?status=pending&limit=100&personaId=");
    text_add_encoded(&path, duty->config->persona);
    if (rest_get(&duty->rest, path.p, &reply) == REST_OK) {
        sessions = json_object_get(reply, "sessions");
        for (size_t i = json_array_size(sessions); i > 0; i--) /* newest first, but who waits longest goes first */
            take(duty, json_array_get(sessions, i - 1));
        result = 0;
    }
    json_decref(reply);
    text_fini(&path);
    return result;
}

static void look(struct duty *duty)
{
    const char *worker_id = seat_worker_id(duty->seat);

    duty->list_is_due = false;
    if (clock_ms() >= duty->round_at + LIST_EVERY_MS) {
        duty->round_at = clock_ms();
        crew_ask_again(duty->crew);
    }
    if (!duty->has_inherited)
        duty->has_inherited = remains_end(&duty->rest, duty->emitter, duty->config->persona, worker_id) == 0;
    duty->has_listed = duty->has_inherited && list_pending(duty) == 0;
    duty->listed_at = clock_ms();
}

static int64_t next_look(const struct duty *duty)
{
    bool is_told = duty->has_listed && listen_is_live(duty->listen);

    if (duty->list_is_due)
        return 0;
    return is_told ? duty->round_at + LIST_EVERY_MS : duty->listed_at + LIST_BLIND_MS;
}

static void wait_for_crew(struct duty *duty, int64_t ms, int ends)
{
    int64_t until = clock_ms() + ms;

    while (crew_size(duty->crew) > 0 && clock_ms() < until && duty->ends < ends) {
        http_wait(duty->http, until - clock_ms());
        (void)crew_reap(duty->crew);
    }
}

struct duty *duty_new(const struct config *config)
{
    struct duty *duty = text_alloc(sizeof *duty);
    struct trace_config trace = {.url = config->url,
                                 .workspace = config->workspace,
                                 .token = config->token,
                                 .connections = (int)config->sessions + 1,
                                 .no_watch = true, /* the persona's room tells */
                                 .on_log = log_emitter,
                                 .on_ended = session_ended,
                                 .user = duty};

    duty->config = config;
    duty->http = http_new();
    duty->emitter = trace_emitter_new(&trace);
    if (duty->emitter == NULL) {
        http_free(duty->http);
        free(duty);
        return NULL;
    }
    duty->seat = seat_new(config->persona);
    duty->crew = crew_new(config, duty->emitter, duty->http, seat_worker_id(duty->seat));
    duty->rest =
        (struct rest){.http = duty->http, .url = config->url, .workspace = config->workspace, .token = config->token};
    return duty;
}

void duty_free(struct duty *duty)
{
    if (duty == NULL)
        return;
    /* Whoever is still at work waits for the emitter, which refuses from here on. */
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
    struct text url = {0};

    rest_events_url(&duty->rest, "persona", duty->config->persona, &url);
    duty->listen = listen_new(
        duty->http,
        &(struct listen_config){.url = url.p, .token = duty->config->token, .on_event = take_event, .arg = duty});
    while (duty->ends == 0) {
        if (crew_reap(duty->crew) > 0)
            duty->list_is_due = true;
        if (clock_ms() >= next_look(duty))
            look(duty);
        http_wait(duty->http, next_look(duty) - clock_ms());
    }
    log_write(LOG_INFO, "going off duty sessions=%zu", crew_size(duty->crew));
    wait_for_crew(duty, duty->config->drain * 1000, 2);
    crew_stop(duty->crew);
    wait_for_crew(duty, STOP_MS, INT_MAX);
    listen_free(duty->listen);
    if (trace_emitter_flush(duty->emitter, FLUSH_MS) != 0)
        log_write(LOG_WARNING, "the server did not take everything");
    text_fini(&url);
}

void duty_end(struct duty *duty)
{
    duty->ends++;
    http_wake(duty->http);
}
