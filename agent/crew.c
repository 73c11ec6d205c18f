// SPDX-License-Identifier: Apache-2.0
#include "agent/crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "agent/loop.h"
#include "agent/mcp/scout.h"
#include "agent/refusals.h"
#include "base/buf.h"

// A claim that got no answer is repeated for this long, which is longer than a few requests take to time out.
#define CLAIM_MS 30000
#define CLAIM_AGAIN_MS 1000

struct worker {
    struct crew *crew;
    struct worker *next;
    pthread_t thread;
    char session_id[TRACE_ID_SIZE];
    struct http *http;
    atomic_bool is_finished;
    enum trace_result claimed; // this and `error` belong to the thread until it has finished
    struct trace_error error;

    // Guarded by the crew's lock.
    struct trace_session *session; // NULL until claimed, and again when it is put away
    char ended_status[16];         // heard before it was claimed
};

struct crew {
    const struct settings *settings;
    struct trace_emitter *emitter;
    struct http *home;
    struct worker *first; // changed by the home thread only, under the lock
    size_t size;
    pthread_mutex_t lock;
    atomic_bool is_closing;
    const char *worker_id;
    struct habits habits;    // of the model's server
    struct catalog *catalog; // of the tool servers; NULL: there are none
    struct scout *scout;
    struct refusals refusals; // the home thread's
};

struct crew *crew_new(const struct settings *settings, struct trace_emitter *emitter, struct http *home,
                      const char *worker_id)
{
    struct crew *crew = mem_zero(sizeof *crew);
    crew->settings = settings;
    crew->emitter = emitter;
    crew->home = home;
    crew->worker_id = worker_id;
    pthread_mutex_init(&crew->lock, NULL);
    if (settings->has_tools && settings->servers.count > 0) {
        crew->catalog = catalog_new(&settings->servers);
        crew->scout = scout_new(crew->catalog);
    }
    return crew;
}

void crew_free(struct crew *crew)
{
    if (!crew)
        return;
    scout_free(crew->scout);
    catalog_free(crew->catalog);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

// Publishes the handle, so that an ending can reach it. An ending that was heard in the meantime is passed on now.
static void set_session(struct worker *worker, struct trace_session *session)
{
    pthread_mutex_lock(&worker->crew->lock);
    worker->session = session;
    if (session && worker->ended_status[0] != '\0')
        trace_session_note_ended(session, worker->ended_status);
    pthread_mutex_unlock(&worker->crew->lock);
}

// The server may have granted the claim although its answer never came. Then only another claim keeps the session
// alive.
static enum trace_result claim(struct worker *worker, struct trace_session **session)
{
    struct crew *crew = worker->crew;
    int64_t until = clock_mono_ms() + CLAIM_MS;
    enum trace_result claimed;
    while ((claimed = trace_session_claim(crew->emitter, worker->session_id, crew->worker_id, session)) == TRACE_AWAY &&
           clock_mono_ms() < until) {
        http_pause(worker->http, CLAIM_AGAIN_MS);
        if (http_is_aborted(worker->http))
            break;
        trace_session_free(*session);
    }
    return claimed;
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct crew *crew = worker->crew;
    struct trace_session *session = NULL;
    worker->claimed = claim(worker, &session);
    if (worker->claimed == TRACE_OK) {
        log_info("session begun id=%s", worker->session_id);
        set_session(worker, session);
        loop_work(crew->settings, &crew->habits, crew->catalog, session, worker->http, &crew->is_closing);
        set_session(worker, NULL);
    } else if (session) {
        (void)trace_session_error(session, &worker->error);
    }
    trace_session_free(session);
    worker->is_finished = true;
    http_wake(crew->home);
    return NULL;
}

static struct worker *find(const struct crew *crew, const char *session_id)
{
    struct worker *worker = crew->first;
    while (worker && strcmp(worker->session_id, session_id) != 0)
        worker = worker->next;
    return worker;
}

bool crew_take(struct crew *crew, const char *session_id)
{
    if (find(crew, session_id) || refusals_stand(&crew->refusals, session_id) || strlen(session_id) >= TRACE_ID_SIZE)
        return true;
    if (crew->size >= (size_t)crew->settings->sessions || crew->is_closing)
        return false;
    struct worker *worker = mem_zero(sizeof *worker);
    worker->crew = crew;
    worker->http = http_new();
    memcpy(worker->session_id, session_id, strlen(session_id) + 1);
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        log_error("cannot start a thread for a session id=%s", session_id);
        http_free(worker->http);
        free(worker);
        return false;
    }
    pthread_mutex_lock(&crew->lock);
    worker->next = crew->first;
    crew->first = worker;
    crew->size++;
    pthread_mutex_unlock(&crew->lock);
    return true;
}

void crew_note_ended(struct crew *crew, const char *session_id, const char *status)
{
    pthread_mutex_lock(&crew->lock);
    struct worker *worker = find(crew, session_id);
    if (worker) {
        (void)snprintf(worker->ended_status, sizeof worker->ended_status, "%s", status);
        if (worker->session)
            trace_session_note_ended(worker->session, status);
        http_abort(worker->http);
    }
    pthread_mutex_unlock(&crew->lock);
}

void crew_stop(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->is_closing = true;
    for (struct worker *worker = crew->first; worker; worker = worker->next)
        http_abort(worker->http);
    pthread_mutex_unlock(&crew->lock);
}

void crew_ask_again(struct crew *crew)
{
    refusals_lapse(&crew->refusals);
}

// A run that has ended may have been what stood in the way of a refused session. A claim without an answer is not a
// refusal.
static void note_claim(struct crew *crew, const struct worker *worker)
{
    enum log_level level = worker->claimed != TRACE_REFUSED || worker->error.status == 409 ? LOG_INFO : LOG_WARNING;
    if (worker->claimed == TRACE_OK)
        refusals_lapse(&crew->refusals);
    else if (worker->claimed == TRACE_AWAY || refusals_note(&crew->refusals, worker->session_id))
        log_line(level, "session left alone id=%s result=%s code=%s", worker->session_id,
                 trace_result_name(worker->claimed), worker->error.code);
}

size_t crew_reap(struct crew *crew)
{
    struct worker *worker;
    struct worker **at = &crew->first;
    size_t reaped = 0;
    while ((worker = *at)) {
        if (!worker->is_finished) {
            at = &worker->next;
            continue;
        }
        (void)pthread_join(worker->thread, NULL);
        note_claim(crew, worker);
        pthread_mutex_lock(&crew->lock);
        *at = worker->next;
        crew->size--;
        pthread_mutex_unlock(&crew->lock);
        http_free(worker->http);
        free(worker);
        reaped++;
    }
    return reaped;
}

size_t crew_size(const struct crew *crew)
{
    return crew->size;
}
