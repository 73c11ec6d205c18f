// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/overload_agents.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "base/clock.h"
#include "base/id.h"
#include "tests/bench/wire.h"

enum { LANES = 6, EVENTS = 64 };

static const int64_t SECOND = INT64_C(1000000000), BEGIN_DELAY = INT64_C(100000000);

struct agent;

struct lane {
    int fd;
    bool is_busy;
    struct agent *agent;
    struct buf answer;
};

struct agent {
    const char *session;
    struct overload_text *text;
    char step[ID_SIZE];
    int64_t due, checkpoint_due;
    size_t sent; // bytes of the text that are on their way
    int busy;    // lanes
    bool is_storing;
    struct lane lanes[LANES];
};

static struct {
    const char *port, *workspace, *token;
    int epoll, n, busy;
    int64_t pace; // ns between two records of a session
    struct overload_written written;
    struct agent agents[OVERLOAD_SESSIONS_MAX];
} all;

void overload_agents_init(struct overload *shared, const char *port, const char *workspace, const char *token,
                          char *const *sessions, int n)
{
    all.port = port;
    all.workspace = workspace;
    all.token = token;
    all.n = n;
    all.epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < n; i++) {
        struct agent *agent = &all.agents[i];
        agent->session = sessions[i];
        agent->text = &shared->texts[i];
        for (int k = 0; k < LANES; k++)
            agent->lanes[k] = (struct lane){.fd = -1, .agent = agent};
    }
}

// There is one.
static struct lane *free_lane(struct agent *agent)
{
    struct lane *lane = agent->lanes;
    while (lane->is_busy)
        lane++;
    return lane;
}

// nginx closes a connection that says nothing at first: a lane is dialled when it is needed.
static void dial(struct lane *lane)
{
    lane->fd = wire_dial(all.port);
    wire_watch(all.epoll, lane->fd, lane);
}

// `what`: the path below the session.
static void call(struct lane *lane, const char *what, const struct buf *body)
{
    if (lane->fd < 0)
        dial(lane);
    struct buf request = {0};
    wire_post_session(&request, all.workspace, lane->agent->session, what, all.token, buf_view(body));
    wire_send(lane->fd, buf_view(&request));
    lane->is_busy = true;
    lane->agent->busy++;
    all.busy++;
    buf_fini(&request);
}

static void call_step(struct lane *lane, const char *verb, const struct buf *body)
{
    char what[64];
    (void)snprintf(what, sizeof what, "steps/%s/%s", lane->agent->step, verb);
    call(lane, what, body);
}

static void hear(int timeout_ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(all.epoll, events, EVENTS, timeout_ms);
    for (int i = 0; i < n; i++) {
        struct lane *lane = events[i].data.ptr;
        if (!wire_hear(lane->fd, &lane->answer))
            continue;
        if (wire_status(&lane->answer) / 100 != 2) {
            fprintf(stderr, "overload: %.*s\n", (int)lane->answer.n, lane->answer.p);
            exit(1);
        }
        buf_clear(&lane->answer);
        lane->is_busy = lane->agent->is_storing = false;
        lane->agent->busy--;
        all.busy--;
    }
}

static void settle(void)
{
    while (all.busy)
        hear(100);
}

static void begin_step(struct agent *agent, int64_t first_due)
{
    struct buf body = {0};
    id_new(agent->step, "stp");
    atomic_store(&agent->text->n, 0);
    agent->sent = 0;
    agent->due = first_due;
    agent->checkpoint_due = agent->due + SECOND;
    buf_printf(&body, "{\"id\":\"%s\",\"stepType\":\"thinking\"}", agent->step);
    call(&agent->lanes[0], "steps", &body);
    buf_fini(&body);
}

void overload_agents_begin(double per_second)
{
    int64_t now = clock_mono_ns();
    all.pace = (int64_t)((double)SECOND / per_second);
    all.written = (struct overload_written){0};
    for (int i = 0; i < all.n; i++)
        begin_step(&all.agents[i], now + BEGIN_DELAY + all.pace * i / all.n);
    settle();
}

static void write_record(struct agent *agent)
{
    size_t n = atomic_load(&agent->text->n);
    char record[OVERLOAD_RECORD + 1];
    if (n + sizeof record > OVERLOAD_TEXT_MAX)
        return;
    (void)snprintf(record, sizeof record, "%0*lld ", OVERLOAD_RECORD - 1, (long long)agent->due);
    memcpy(agent->text->bytes + n, record, OVERLOAD_RECORD);
    atomic_store(&agent->text->n, n + OVERLOAD_RECORD);
    all.written.records++;
}

static void send_text(struct agent *agent, int64_t now, bool is_checkpoint)
{
    struct buf body = {0};
    const char *bytes = agent->text->bytes;
    size_t n = atomic_load(&agent->text->n);
    if (is_checkpoint)
        buf_printf(&body, "{\"content\":\"%.*s\",\"checkpoint\":true}", (int)n, bytes);
    else
        buf_printf(&body, "{\"delta\":\"%.*s\",\"offset\":%zu}", (int)(n - agent->sent), bytes + agent->sent,
                   agent->sent);
    if (is_checkpoint)
        agent->checkpoint_due = now + SECOND;
    agent->is_storing = is_checkpoint;
    agent->sent = n;
    all.written.calls++;
    call_step(free_lane(agent), "progress", &body);
    buf_fini(&body);
}

static void write_due(struct agent *agent, int64_t now)
{
    for (; agent->due <= now; agent->due += all.pace)
        write_record(agent);
    bool is_checkpoint = now >= agent->checkpoint_due;
    int most = agent->is_storing ? 0 : is_checkpoint ? 1 : LANES;
    if (agent->busy < most && atomic_load(&agent->text->n) > agent->sent)
        send_text(agent, now, is_checkpoint);
}

void overload_agents_turn(void)
{
    int64_t now = clock_mono_ns();
    for (int i = 0; i < all.n; i++)
        write_due(&all.agents[i], now);
    hear(1);
}

static void end_step(struct agent *agent)
{
    struct buf body = {0};
    buf_printf(&body, "{\"content\":\"%.*s\"}", (int)atomic_load(&agent->text->n), agent->text->bytes);
    call_step(&agent->lanes[0], "complete", &body);
    buf_fini(&body);
}

struct overload_written overload_agents_end(void)
{
    settle();
    for (int i = 0; i < all.n; i++)
        end_step(&all.agents[i]);
    settle();
    return all.written;
}

static bool has_text(struct agent *agent)
{
    struct lane *lane = &agent->lanes[0];
    struct buf path = {0}, request = {0}, wanted = {0};
    buf_printf(&path, "/api/workspaces/%s/agent-sessions/%s/steps/%s", all.workspace, agent->session, agent->step);
    wire_get(&request, buf_cstr(&path), all.token, "");
    wire_send(lane->fd, buf_view(&request));
    while (!wire_hear(lane->fd, &lane->answer))
        continue;
    buf_printf(&wanted, "\"content\":\"%.*s\"", (int)atomic_load(&agent->text->n), agent->text->bytes);
    struct str body = wire_body(&lane->answer);
    bool is_there = memmem(body.p, body.n, wanted.p, wanted.n) != NULL;
    buf_clear(&lane->answer);
    buf_fini(&wanted);
    buf_fini(&path);
    buf_fini(&request);
    return is_there;
}

int overload_agents_wrong(void)
{
    int wrong = 0;
    for (int i = 0; i < all.n; i++)
        wrong += !has_text(&all.agents[i]);
    return wrong;
}
