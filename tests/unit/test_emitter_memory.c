// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/test_emitter_memory.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "tests/unit/test_emitter_model.h"

#define GIVE_UP_MS 20000

struct flight {
    TAILQ_ENTRY(flight) next;
    struct trace_request *request; // NULL: nobody waits for it any more, the server does it when it is due
    int64_t due;
    bool stream;
    char *method, *path, *body;
    struct model_answer answer;
    bool answered;
    int64_t retry_after_ms;
};

struct memory {
    struct trace_transport ops; // first
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken;
    memory_faults *faults;
    void *user;
    int n;
    TAILQ_HEAD(, flight) flights;
    struct model *model;
    json_t *paths;
    char *stream_text; // to be delivered
    bool is_reading;   // it is being delivered, without the lock
    int stream_status; // streams are to end with it; 0: not
    int streams_begun;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void memory_sleep(int ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

static void free_flight(struct flight *f)
{
    free(f->method);
    free(f->path);
    free(f->body);
    free(f->answer.body);
    free(f);
}

static void do_it(struct memory *m, struct flight *f)
{
    free(f->answer.body);
    f->answer = model_do(m->model, f->method, f->path, f->body);
}

// What the server does of its own accord is not a breach by the library.
static void do_late(struct memory *m, struct flight *f)
{
    int before = model_breaches(m->model);
    do_it(m, f);
    model_forgive(m->model, before);
}

static void leave_behind(struct memory *m, const struct flight *f, int delay_ms)
{
    struct flight *ghost = calloc(1, sizeof *ghost);
    ghost->method = strdup(f->method);
    ghost->path = strdup(f->path);
    ghost->body = strdup(f->body);
    ghost->due = now_ms() + delay_ms;
    TAILQ_INSERT_TAIL(&m->flights, ghost, next);
}

static void apply(struct memory *m, struct flight *f, struct memory_fault fault)
{
    char text[160];
    f->due = now_ms() + (fault.kind == MEMORY_LATE ? 0 : fault.delay_ms);
    f->retry_after_ms = -1;
    f->answered = fault.kind == MEMORY_FINE || fault.kind == MEMORY_DUPLICATE || fault.kind == MEMORY_ANSWER;
    if (fault.kind == MEMORY_LATE)
        leave_behind(m, f, fault.delay_ms);
    if (fault.kind == MEMORY_FINE || fault.kind == MEMORY_DROP_AFTER || fault.kind == MEMORY_DUPLICATE)
        do_it(m, f);
    if (fault.kind == MEMORY_DUPLICATE)
        do_it(m, f);
    if (fault.kind == MEMORY_ANSWER) {
        f->answer.status = fault.status;
        snprintf(text, sizeof text, "{\"status\":%d,\"code\":\"%s\",\"detail\":\"as the test said\"}", fault.status,
                 fault.code ? fault.code : "none");
        f->answer.body = strdup(text);
        f->retry_after_ms = fault.retry_after_ms ? fault.retry_after_ms : -1;
    }
}

static void begin(struct trace_transport *self, struct trace_request *r)
{
    struct memory *m = (struct memory *)self;
    struct flight *f = calloc(1, sizeof *f);
    f->request = r;
    f->method = strdup(r->method);
    f->path = strdup(r->path);
    f->body = r->body ? strndup(r->body, r->body_length) : strdup("");
    f->stream = r->data != NULL;
    pthread_mutex_lock(&m->lock);
    r->transport_data = f;
    m->streams_begun += f->stream;
    if (!f->stream) {
        json_array_append_new(m->paths, json_string(r->path));
        m->n++;
        apply(m, f, m->faults ? m->faults(m->user, r->method, r->path, m->n) : (struct memory_fault){0});
    }
    TAILQ_INSERT_TAIL(&m->flights, f, next);
    pthread_mutex_unlock(&m->lock);
}

static void abandon(struct trace_transport *self, struct trace_request *r)
{
    struct memory *m = (struct memory *)self;
    struct flight *f = r->transport_data;
    pthread_mutex_lock(&m->lock);
    TAILQ_REMOVE(&m->flights, f, next);
    free_flight(f);
    pthread_mutex_unlock(&m->lock);
}

// Answers the request without holding the lock, as a real transport does.
static void tell(struct memory *m, struct flight *f)
{
    struct trace_reply reply = {.status = f->answered ? f->answer.status : 0,
                                .error = f->answered ? NULL : "the test dropped it",
                                .body = f->answer.body,
                                .body_length = f->answer.body ? strlen(f->answer.body) : 0,
                                .retry_after_ms = f->retry_after_ms};
    TAILQ_REMOVE(&m->flights, f, next);
    pthread_mutex_unlock(&m->lock);
    f->request->done(f->request, &reply);
    free_flight(f);
    pthread_mutex_lock(&m->lock);
    pthread_cond_broadcast(&m->changed);
}

static bool serve_streams(struct memory *m)
{
    struct flight *f;
    char *text = m->stream_text;
    int status = m->stream_status;
    if (!text && !status)
        return false;
    m->stream_text = NULL;
    m->is_reading = true;
    m->stream_status = 0;
    bool again;
    do {
        again = false;
        TAILQ_FOREACH(f, &m->flights, next)
        {
            if (!f->stream)
                continue;
            if (text) {
                pthread_mutex_unlock(&m->lock);
                f->request->data(f->request, text, strlen(text));
                pthread_mutex_lock(&m->lock);
            }
            if (status) {
                f->answered = true;
                f->answer.status = status;
                f->retry_after_ms = -1;
                tell(m, f);
                again = true;
                break;
            }
        }
    } while (again);
    m->is_reading = false;
    free(text);
    return true;
}

// Answers one request that is due, or does it late.
static bool serve_one(struct memory *m, int64_t now, int64_t *due)
{
    struct flight *f;
    TAILQ_FOREACH(f, &m->flights, next)
    {
        if (f->stream)
            continue;
        if (f->due > now) {
            *due = f->due < *due ? f->due : *due;
            continue;
        }
        if (f->request) {
            tell(m, f);
        } else {
            do_late(m, f);
            TAILQ_REMOVE(&m->flights, f, next);
            free_flight(f);
        }
        return true;
    }
    return false;
}

static void wait_some(struct trace_transport *self, int timeout_ms)
{
    struct memory *m = (struct memory *)self;
    int64_t until = now_ms() + timeout_ms;
    pthread_mutex_lock(&m->lock);
    for (;;) {
        int64_t now = now_ms(), due = until;
        bool busy = serve_streams(m);
        while (serve_one(m, now, &due))
            busy = true;
        if (busy || m->woken || now >= until)
            break;
        struct timespec at = {.tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000};
        pthread_cond_timedwait(&m->changed, &m->lock, &at);
    }
    m->woken = false;
    pthread_mutex_unlock(&m->lock);
}

static void wake(struct trace_transport *self)
{
    struct memory *m = (struct memory *)self;
    pthread_mutex_lock(&m->lock);
    m->woken = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

// The test still looks at it afterwards: memory_free() frees it.
static void keep(struct trace_transport *self)
{
    (void)self;
}

struct memory *memory_new(memory_faults *faults, void *user)
{
    struct memory *m = calloc(1, sizeof *m);
    pthread_condattr_t attr;
    m->ops =
        (struct trace_transport){.begin = begin, .abandon = abandon, .wait = wait_some, .wake = wake, .free = keep};
    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&m->changed, &attr);
    pthread_condattr_destroy(&attr);
    m->faults = faults;
    m->user = user;
    m->model = model_new();
    m->paths = json_array();
    TAILQ_INIT(&m->flights);
    return m;
}

struct trace_transport *memory_transport(struct memory *m)
{
    return &m->ops;
}

void memory_free(struct memory *m)
{
    struct flight *f;
    while ((f = TAILQ_FIRST(&m->flights))) {
        TAILQ_REMOVE(&m->flights, f, next);
        free_flight(f);
    }
    model_free(m->model);
    json_decref(m->paths);
    free(m->stream_text);
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

json_t *memory_state(struct memory *m)
{
    pthread_mutex_lock(&m->lock);
    json_t *state = json_deep_copy(model_state(m->model));
    pthread_mutex_unlock(&m->lock);
    return state;
}

char *memory_log(struct memory *m)
{
    pthread_mutex_lock(&m->lock);
    char *log = strdup(model_log(m->model));
    pthread_mutex_unlock(&m->lock);
    return log;
}

int memory_count(struct memory *m, const char *end)
{
    size_t i, n = strlen(end);
    int count = 0;
    json_t *path;
    pthread_mutex_lock(&m->lock);
    json_array_foreach(m->paths, i, path)
    {
        size_t length = json_string_length(path);
        count += length >= n && strcmp(json_string_value(path) + length - n, end) == 0;
    }
    pthread_mutex_unlock(&m->lock);
    return count;
}

int memory_breaches(struct memory *m)
{
    pthread_mutex_lock(&m->lock);
    int n = model_breaches(m->model);
    pthread_mutex_unlock(&m->lock);
    return n;
}

void memory_end_session(struct memory *m, const char *session_id, const char *status)
{
    pthread_mutex_lock(&m->lock);
    model_set_status(m->model, session_id, status);
    pthread_mutex_unlock(&m->lock);
}

void memory_add_pending(struct memory *m, const char *session_id, const char *stream_id)
{
    pthread_mutex_lock(&m->lock);
    model_add_pending(m->model, session_id, stream_id);
    pthread_mutex_unlock(&m->lock);
}

void memory_stream_bytes(struct memory *m, const char *text)
{
    pthread_mutex_lock(&m->lock);
    free(m->stream_text);
    m->stream_text = strdup(text);
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

bool memory_stream_is_read(struct memory *m)
{
    pthread_mutex_lock(&m->lock);
    bool is_read = !m->stream_text && !m->is_reading;
    pthread_mutex_unlock(&m->lock);
    return is_read;
}

void memory_stream_end(struct memory *m, int status)
{
    pthread_mutex_lock(&m->lock);
    m->stream_status = status;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

int memory_streams_begun(struct memory *m)
{
    pthread_mutex_lock(&m->lock);
    int n = m->streams_begun;
    pthread_mutex_unlock(&m->lock);
    return n;
}

int memory_streams(struct memory *m)
{
    struct flight *f;
    int n = 0;
    pthread_mutex_lock(&m->lock);
    TAILQ_FOREACH(f, &m->flights, next)
    {
        n += f->stream;
    }
    pthread_mutex_unlock(&m->lock);
    return n;
}

bool memory_until(struct memory *m, bool (*check)(struct memory *))
{
    for (int64_t until = now_ms() + GIVE_UP_MS; now_ms() < until; memory_sleep(1))
        if (check(m))
            return true;
    return check(m);
}
