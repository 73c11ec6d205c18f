// SPDX-License-Identifier: Apache-2.0
// A storm: many subscribers of many rooms, the pusher killed while steps are written, and everybody comes back as an
// EventSource does: after the time that the server named, with Last-Event-ID.
//
//     storm PORT WORKSPACE TOKEN SUBSCRIBERS STEPS_PER_SECOND PUSHER_PID PUSHER_SOCKET SESSION…
//
// One process, one thread, through nginx; the subscribers are storm_subscribers.h. Time zero is when the killed
// pusher's socket answers again.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "tests/bench/samples.h"
#include "tests/bench/storm_subscribers.h"
#include "tests/bench/wire.h"

enum { EVENTS = 512, WRITERS = 8, CALM_S = 3, PATIENCE_S = 60 };

static const int64_t SECOND = INT64_C(1000000000);

struct writer {
    int fd;
    struct storm_room *room; // of the call in hand; NULL: none
    struct buf answer;
};

static struct {
    const char *port, *workspace, *token;
    int epoll;
    int rooms_n, subscribers_n;
    struct storm_room *rooms;
    struct writer writers[WRITERS];
    int64_t pace; // ns between two steps
    int64_t next_write;
    int64_t writes;
    const struct storm_counts *counts;
} storm;

static void write_step(struct writer *w)
{
    struct buf request = {0};
    w->room = &storm.rooms[storm.writes++ % storm.rooms_n];
    wire_post_session(&request, storm.workspace, w->room->session, "steps", storm.token,
                      STR("{\"stepType\":\"tool_call\",\"content\":{\"tool\":\"storm\"},\"completed\":true}"));
    wire_send(w->fd, buf_view(&request));
    buf_fini(&request);
}

static void hear_writer(struct writer *w)
{
    if (!wire_hear(w->fd, &w->answer))
        return;
    if (wire_status(&w->answer) != 201) {
        fprintf(stderr, "storm: %.*s\n", (int)w->answer.n, w->answer.p);
        exit(1);
    }
    int64_t seq = wire_number(buf_view(&w->answer), "\"seq\":");
    if (seq > w->room->written)
        w->room->written = seq;
    w->room = NULL;
    buf_clear(&w->answer);
}

static void write_some(int64_t now)
{
    for (int i = 0; i < WRITERS && storm.next_write <= now; i++) {
        if (storm.writers[i].room)
            continue;
        write_step(&storm.writers[i]);
        storm.next_write += storm.pace;
    }
}

static void dispatch(const struct epoll_event *event)
{
    for (int i = 0; i < WRITERS; i++) {
        if (event->data.ptr == &storm.writers[i]) {
            hear_writer(&storm.writers[i]);
            return;
        }
    }
    storm_subscribers_ready(event->data.ptr, event->events);
}

static void turn(bool is_writing)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(storm.epoll, events, EVENTS, 2);
    for (int i = 0; i < n; i++)
        dispatch(&events[i]);
    storm_subscribers_dial();
    if (is_writing)
        write_some(clock_mono_ns());
}

static void set_up(char **sessions)
{
    storm.epoll = epoll_create1(EPOLL_CLOEXEC);
    storm.rooms = mem_zero((size_t)storm.rooms_n * sizeof *storm.rooms);
    for (int i = 0; i < storm.rooms_n; i++)
        storm.rooms[i].session = sessions[i];
    storm_subscribers_init(storm.epoll, storm.port, storm.workspace, storm.token, storm.rooms, storm.rooms_n,
                           storm.subscribers_n);
    storm.counts = storm_subscribers_counts();
}

// True if somebody listens there.
static bool answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path - 1));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_there = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    (void)close(fd);
    return is_there;
}

static void expire(int64_t since, const char *what)
{
    if (clock_mono_ns() - since < PATIENCE_S * SECOND)
        return;
    fprintf(stderr, "storm: waited %d s until %s: %d greeted, %d current of %d\n", PATIENCE_S, what,
            storm.counts->greeted, storm.counts->current, storm.subscribers_n);
    exit(1);
}

// Everybody is there, and steps are written for a while.
static void gather(void)
{
    int64_t began = clock_mono_ns();
    while (storm.counts->current < storm.subscribers_n) {
        turn(false);
        expire(began, "everybody is there");
    }
    printf("%d subscribers of %d rooms were there after %.1f s\n", storm.subscribers_n, storm.rooms_n,
           (double)(clock_mono_ns() - began) / 1e9);
    // Not before: nginx closes a connection that says nothing at first.
    for (int i = 0; i < WRITERS; i++) {
        storm.writers[i].fd = wire_dial(storm.port);
        wire_watch(storm.epoll, storm.writers[i].fd, &storm.writers[i]);
    }
    storm.next_write = began = clock_mono_ns();
    while (clock_mono_ns() - began < CALM_S * SECOND)
        turn(true);
}

static int64_t kill_pusher(pid_t pusher)
{
    storm_subscribers_strike();
    if (kill(pusher, SIGKILL))
        wire_fail("kill");
    return clock_mono_ns();
}

// When each of them was current again, from the pusher's return on; writing goes on all the time.
static void strike(pid_t pusher, const char *socket, struct samples *back)
{
    int64_t killed = kill_pusher(pusher), returned = 0;
    bool is_gone = false;
    while (!returned || storm.counts->current < storm.subscribers_n) {
        turn(true);
        bool is_there = !returned && answers(socket);
        if (is_gone && is_there)
            returned = clock_mono_ns();
        is_gone |= !is_there;
        expire(killed, "everybody is back");
    }
    int64_t until = clock_mono_ns() + CALM_S * SECOND;
    storm_subscribers_sample(back, returned);
    printf("the pusher was away for %.2f s\n", (double)(returned - killed) / 1e9);
    while (clock_mono_ns() < until)
        turn(true);
    for (int64_t began = clock_mono_ns(); !storm_subscribers_are_complete(); expire(began, "everybody has everything"))
        turn(false);
}

int main(int argc, char **argv)
{
    if (argc < 9) {
        fprintf(stderr, "usage: %s PORT WORKSPACE TOKEN SUBSCRIBERS STEPS_PER_SECOND PUSHER_PID SOCKET SESSION…\n",
                argv[0]);
        return 2;
    }
    storm.port = argv[1];
    storm.workspace = argv[2];
    storm.token = argv[3];
    storm.subscribers_n = (int)strtol(argv[4], NULL, 10);
    storm.pace = SECOND / strtol(argv[5], NULL, 10);
    storm.rooms_n = argc - 8;
    struct samples back = {0};
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    wire_raise_limit();
    set_up(argv + 8);
    gather();
    const struct storm_counts *counts = storm.counts;
    int64_t attempts = counts->attempts;
    strike((pid_t)strtol(argv[6], NULL, 10), argv[7], &back);
    printf("current again after its return   p50 %.2f s   p99 %.2f s   last %.2f s   (retry: 1 to 4 s)\n",
           samples_quantile_ms(&back, 0.5) / 1e3, samples_quantile_ms(&back, 0.99) / 1e3,
           samples_quantile_ms(&back, 1) / 1e3);
    printf("%lld attempts to come back, %lld told unavailable; %lld steps written meanwhile, %lld deliveries: "
           "%lld twice, %lld missing, %lld resets, %lld refused\n",
           (long long)(counts->attempts - attempts), (long long)counts->unavailable, (long long)storm.writes,
           (long long)counts->events, (long long)counts->twice, (long long)counts->missing, (long long)counts->resets,
           (long long)counts->refused);
    return counts->twice || counts->missing || counts->resets;
}
