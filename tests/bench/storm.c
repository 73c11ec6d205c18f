// A storm: many subscribers of many rooms, the pusher killed while steps are written, and everybody comes back as an
// EventSource does: after the time that the server named, with Last-Event-ID.
//
//     storm PORT WORKSPACE TOKEN SUBSCRIBERS STEPS_PER_SECOND PUSHER_PID PUSHER_SOCKET SESSION…
//
// One process, one thread, through nginx. Each subscriber knows the last number it has, and counts what comes twice and
// what is missing. Time zero is when the killed pusher's socket answers again.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/clock.h"
#include "tests/bench/samples.h"
#include "tests/bench/stream.h"
#include "tests/bench/wire.h"

enum {
    EVENTS = 512,
    READ = 16384,
    WRITERS = 8,
    OPEN_SPREAD_MS = 4000,
    CALM_S = 3,
    WRITE_AFTER_S = 15,
    PATIENCE_S = 60
};

static const int64_t MS = INT64_C(1000000), SECOND = INT64_C(1000000000);

struct room {
    const char *session;
    int64_t written; // the highest number that was acknowledged
};

struct subscriber {
    int fd; // -1: away
    struct room *room;
    struct stream stream;
    bool is_asking; // connecting: the request is not sent yet
    bool is_known;  // it has a position
    int64_t last;   // number
    int64_t head;   // what it must have to be current; -1: not greeted on this connection
    int64_t due;    // when it comes back
    int64_t retry_ms;
    int64_t current_at;
};

struct writer {
    int fd;
    struct room *room; // of the call in hand; NULL: none
    struct buf answer;
};

static struct {
    const char *port, *workspace, *token;
    int epoll;
    int rooms_n, subscribers_n;
    struct room *rooms;
    struct subscriber *subscribers;
    struct writer writers[WRITERS];
    int64_t pace; // ns between two steps
    int64_t next_write;
    int64_t writes;
    int greeted, current; // subscribers
    int64_t events, twice, missing, resets, unavailable, attempts, other;
} storm;

// Numbers that an EventSource would not see; they only spread.
static int64_t random_ms(int64_t below)
{
    return random() % below;
}

static void path_of(struct buf *out, const struct subscriber *s)
{
    buf_printf(out, "/api/workspaces/%s/events?room=session:%s", storm.workspace, s->room->session);
}

static void dial(struct subscriber *s)
{
    s->fd = wire_dial_later(storm.port);
    s->is_asking = true;
    storm.attempts++;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = s};
    if (epoll_ctl(storm.epoll, EPOLL_CTL_ADD, s->fd, &event))
        wire_fail("epoll_ctl");
}

static void ask(struct subscriber *s)
{
    struct buf path = {0}, request = {0};
    char position[64] = "";
    path_of(&path, s);
    if (s->is_known)
        (void)snprintf(position, sizeof position, "Last-Event-ID: %lld\r\n", (long long)s->last);
    wire_get(&request, buf_cstr(&path), storm.token, position);
    s->is_asking = false;
    // It fits into an empty socket; if the connection is refused, reading says so.
    (void)!send(s->fd, request.p, request.n, MSG_NOSIGNAL);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
    if (epoll_ctl(storm.epoll, EPOLL_CTL_MOD, s->fd, &event))
        wire_fail("epoll_ctl");
    buf_fini(&path);
    buf_fini(&request);
}

static void lose(struct subscriber *s)
{
    (void)close(s->fd);
    s->fd = -1;
    s->due = clock_mono_ns() + s->retry_ms * MS;
    storm.greeted -= s->head >= 0;
    storm.current -= s->current_at > 0;
    s->head = -1;
    s->current_at = 0;
    stream_fini(&s->stream);
}

static int64_t number_behind(struct str data, const char *key)
{
    const char *at = memmem(data.p, data.n, key, strlen(key));
    return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}

static void greet(struct subscriber *s, const struct stream_event *event)
{
    int64_t from = number_behind(event->data, "\"from\":");
    if (s->is_known && from != s->last)
        storm.missing++;
    if (!s->is_known)
        s->last = from;
    s->is_known = true;
    s->head = number_behind(event->data, "\"head\":");
    storm.greeted++;
}

static void number(struct subscriber *s, int64_t seq)
{
    storm.events++;
    storm.twice += seq <= s->last;
    storm.missing += seq > s->last + 1;
    if (seq > s->last)
        s->last = seq;
}

static void take(void *owner, const struct stream_event *event)
{
    struct subscriber *s = owner;
    if (str_eq(event->name, STR("ready")))
        greet(s, event);
    else if (str_eq(event->name, STR("reset")))
        storm.resets++;
    else if (str_eq(event->name, STR("unavailable")))
        storm.unavailable++;
    else if (event->id.p)
        number(s, strtoll(event->id.p, NULL, 10));
    if (s->head >= 0 && s->last >= s->head && !s->current_at) {
        s->current_at = clock_mono_ns();
        storm.current++;
    }
}

static void hear(struct subscriber *s)
{
    char bytes[READ];
    ssize_t n = recv(s->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        enum stream_state state = stream_feed(&s->stream, (struct str){bytes, (size_t)n}, take, s);
        if (s->stream.retry_ms)
            s->retry_ms = s->stream.retry_ms;
        storm.other += state == STREAM_REFUSED;
        if (state < STREAM_ENDED)
            return;
    }
    lose(s);
}

static void write_step(struct writer *w)
{
    struct buf path = {0}, request = {0};
    w->room = &storm.rooms[storm.writes++ % storm.rooms_n];
    buf_printf(&path, "/api/workspaces/%s/agent-sessions/%s/steps", storm.workspace, w->room->session);
    wire_post(&request, buf_cstr(&path), storm.token,
              STR("{\"stepType\":\"tool_call\",\"content\":{\"tool\":\"storm\"},\"completed\":true}"));
    wire_send(w->fd, buf_view(&request));
    buf_fini(&path);
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
    int64_t seq = number_behind(buf_view(&w->answer), "\"seq\":");
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
    struct subscriber *s = event->data.ptr;
    if (s->is_asking && !(event->events & (EPOLLERR | EPOLLHUP)))
        ask(s);
    else
        hear(s);
}

static void turn(bool is_writing)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(storm.epoll, events, EVENTS, 2);
    for (int i = 0; i < n; i++)
        dispatch(&events[i]);
    int64_t now = clock_mono_ns();
    for (int i = 0; i < storm.subscribers_n; i++)
        if (storm.subscribers[i].fd < 0 && storm.subscribers[i].due <= now)
            dial(&storm.subscribers[i]);
    if (is_writing)
        write_some(now);
}

static void set_up(char **sessions)
{
    int64_t now = clock_mono_ns();
    storm.epoll = epoll_create1(EPOLL_CLOEXEC);
    storm.rooms = mem_zero((size_t)storm.rooms_n * sizeof *storm.rooms);
    storm.subscribers = mem_zero((size_t)storm.subscribers_n * sizeof *storm.subscribers);
    for (int i = 0; i < storm.rooms_n; i++)
        storm.rooms[i].session = sessions[i];
    for (int i = 0; i < storm.subscribers_n; i++)
        storm.subscribers[i] = (struct subscriber){.fd = -1,
                                                   .room = &storm.rooms[i % storm.rooms_n],
                                                   .head = -1,
                                                   .retry_ms = 1000,
                                                   .due = now + random_ms(OPEN_SPREAD_MS) * MS};
    for (int i = 0; i < WRITERS; i++) {
        storm.writers[i].fd = wire_dial(storm.port);
        wire_watch(storm.epoll, storm.writers[i].fd, &storm.writers[i]);
    }
}

static bool all_have_everything(void)
{
    for (int i = 0; i < storm.subscribers_n; i++)
        if (storm.subscribers[i].last != storm.subscribers[i].room->written || storm.subscribers[i].head < 0)
            return false;
    return true;
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
    fprintf(stderr, "storm: waited %d s until %s: %d greeted, %d current of %d\n", PATIENCE_S, what, storm.greeted,
            storm.current, storm.subscribers_n);
    exit(1);
}

// Everybody is there, and steps are written for a while.
static void gather(void)
{
    int64_t began = clock_mono_ns();
    while (storm.current < storm.subscribers_n) {
        turn(false);
        expire(began, "everybody is there");
    }
    printf("%d subscribers of %d rooms were there after %.1f s\n", storm.subscribers_n, storm.rooms_n,
           (double)(clock_mono_ns() - began) / 1e9);
    storm.next_write = began = clock_mono_ns();
    while (clock_mono_ns() - began < CALM_S * SECOND)
        turn(true);
}

// From now on whoever is current has been greeted anew.
static int64_t kill_pusher(pid_t pusher)
{
    for (int i = 0; i < storm.subscribers_n; i++) {
        storm.subscribers[i].head = INT64_MAX;
        storm.subscribers[i].current_at = 0;
    }
    storm.current = 0;
    if (kill(pusher, SIGKILL))
        wire_fail("kill");
    return clock_mono_ns();
}

// When each of them was current again, from the pusher's return on; writing goes on all the time.
static void strike(pid_t pusher, const char *socket, struct samples *back)
{
    int64_t killed = kill_pusher(pusher), returned = 0;
    bool is_gone = false;
    while (!returned || storm.current < storm.subscribers_n) {
        turn(true);
        bool is_there = !returned && answers(socket);
        if (is_gone && is_there)
            returned = clock_mono_ns();
        is_gone |= !is_there;
        expire(killed, "everybody is back");
    }
    int64_t until = clock_mono_ns() + CALM_S * SECOND;
    for (int i = 0; i < storm.subscribers_n; i++)
        samples_add(back, storm.subscribers[i].current_at - returned);
    printf("the pusher was away for %.2f s\n", (double)(returned - killed) / 1e9);
    while (clock_mono_ns() < until)
        turn(true);
    for (int64_t began = clock_mono_ns(); !all_have_everything(); expire(began, "everybody has everything"))
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
    int64_t attempts = storm.attempts;
    strike((pid_t)strtol(argv[6], NULL, 10), argv[7], &back);
    printf("current again after its return   p50 %.2f s   p99 %.2f s   last %.2f s   (retry: 1 to 4 s)\n",
           samples_quantile_ms(&back, 0.5) / 1e3, samples_quantile_ms(&back, 0.99) / 1e3,
           samples_quantile_ms(&back, 1) / 1e3);
    printf("%lld attempts to come back, %lld told unavailable; %lld steps written meanwhile, %lld deliveries: "
           "%lld twice, %lld missing, %lld resets, %lld refused\n",
           (long long)(storm.attempts - attempts), (long long)storm.unavailable, (long long)storm.writes,
           (long long)storm.events, (long long)storm.twice, (long long)storm.missing, (long long)storm.resets,
           (long long)storm.other);
    return storm.twice || storm.missing || storm.resets;
}
