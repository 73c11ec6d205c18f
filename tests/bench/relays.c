// SPDX-License-Identifier: Apache-2.0
// Load for relays: the writers and the pushers of several machines, each of which has a relay of its own.
//
//     relays JSON
//
// {"rooms", "bytes" (of an event), "rate" (events a second), "events", "writers" (the first so many machines write, in
// turn), "nats" (its process), "machines": [{"directory" (the relay's), "pid", "pushers", "watched" (the first so many
// rooms)}, …]}. It says what is followed, prints "open", and waits for a line. Then it writes, each room in turn, until
// every pusher has what is its due, and prints a line of JSON: what came to each machine's pushers, and the processor
// time of the relays and of NATS.
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "tests/bench/local.h"
#include "tests/bench/samples.h"
#include "tests/bench/wire.h"
#include "wire/hint.h"
#include "wire/interest.h"
#include "wire/socket.h"

enum { MACHINES_MAX = 8, PUSHERS_MAX = 8, PATIENCE_S = 3 };

static const int64_t SECOND = INT64_C(1000000000);

struct machine {
    const char *directory;
    int pid, pushers, watched;
    int writer; // its connection
    long due, came;
    int64_t cpu_ns;
};

static struct {
    int rooms, bytes, rate, events, writers, nats;
} want;

static struct machine machines[MACHINES_MAX];
static size_t machines_n;
// The pushers' connections; behind them there is room for that of a writer who waits.
static struct pollfd links[MACHINES_MAX * PUSHERS_MAX + 1];
static struct machine *owners[MACHINES_MAX * PUSHERS_MAX];
static nfds_t links_n;
static struct samples delays;

static void print_room(struct buf *out, int room)
{
    buf_clear(out);
    buf_printf(out, "session:ses_%026d", room);
}

static int dial(const struct machine *machine, enum socket_kind kind)
{
    char name[SOCKET_NAME_SIZE];
    struct buf path = {0};
    buf_printf(&path, "%s/%s", machine->directory, socket_name(name, kind, 0));
    int fd = local_dial(buf_cstr(&path), SOCK_SEQPACKET);
    buf_fini(&path);
    return fd;
}

static void follow(int fd, int rooms)
{
    struct buf changes = {0}, room = {0};
    for (int i = 0; i < rooms; i++) {
        print_room(&room, i);
        interest_add(&changes, true, buf_view(&room));
    }
    for (struct str rest = buf_view(&changes); rest.n;) {
        struct str message = interest_cut(&rest);
        if (send(fd, message.p, message.n, MSG_NOSIGNAL) < 0)
            wire_fail("follow");
    }
    buf_fini(&changes);
    buf_fini(&room);
}

static void enter(struct machine *machine)
{
    machine->writer = dial(machine, SOCKET_RELAY_HINTS);
    for (int i = 0; i < machine->pushers; i++) {
        owners[links_n] = machine;
        links[links_n] = (struct pollfd){.fd = dial(machine, SOCKET_RELAY_LINKS), .events = POLLIN};
        follow(links[links_n++].fd, machine->watched);
    }
}

// False: the relay has not taken what came before.
static bool write_event(int i)
{
    static struct buf room, body, packed;
    const struct machine *writer = &machines[i % want.writers];
    print_room(&room, i % want.rooms);
    while (body.n < (size_t)want.bytes)
        buf_char(&body, 'x');
    const struct hint hint = {.seq = i / want.rooms + 1,
                              .stamp_ns = clock_mono_ns(),
                              .room = buf_view(&room),
                              .name = STR("agent_session:step:completed"),
                              .body = buf_view(&body)};
    buf_clear(&packed);
    if (hint_pack(&packed, &hint))
        wire_fail("an event is too long");
    if (send(writer->writer, packed.p, packed.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        if (errno != EAGAIN)
            wire_fail("write");
        return false;
    }
    for (struct machine *m = machines; m < machines + machines_n; m++)
        if (m != writer && i % want.rooms < m->watched)
            m->due += m->pushers;
    return true;
}

static void take(int fd, struct machine *machine)
{
    static char bytes[HINT_SIZE_MAX];
    struct hint hint;
    ssize_t n;
    while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        if (hint_unpack(&hint, (struct str){bytes, (size_t)n}) || !hint.seq)
            continue;
        samples_add(&delays, clock_mono_ns() - hint.stamp_ns);
        machine->came++;
    }
    if (n == 0 || errno != EAGAIN)
        wire_fail("a relay has hung up");
}

static bool is_complete(void)
{
    for (size_t i = 0; i < machines_n; i++)
        if (machines[i].came < machines[i].due)
            return false;
    return true;
}

// Returns when the last event was written or came. What does not come for a while is lost.
static int64_t play(int64_t begin)
{
    int64_t last = begin;
    for (int i = 0; i < want.events || (!is_complete() && clock_mono_ns() - last < PATIENCE_S * SECOND);) {
        bool is_taken = true;
        size_t seen = delays.n;
        int written = i;
        while (i < want.events && clock_mono_ns() >= begin + i * SECOND / want.rate && (is_taken = write_event(i)))
            i++;
        links[links_n] = (struct pollfd){.fd = is_taken ? -1 : machines[i % want.writers].writer, .events = POLLOUT};
        if (poll(links, links_n + 1, 1) < 0)
            wire_fail("poll");
        for (nfds_t link = 0; link < links_n; link++)
            if (links[link].revents)
                take(links[link].fd, owners[link]);
        if (i > written || delays.n > seen)
            last = clock_mono_ns();
    }
    return last;
}

// Since what was `spent` before.
static double cpu_seconds(int pid, int64_t spent)
{
    return (double)(local_cpu_ns(pid) - spent) / 1e9;
}

static void measure(void)
{
    int64_t nats = local_cpu_ns(want.nats), begin = clock_mono_ns();
    for (size_t i = 0; i < machines_n; i++)
        machines[i].cpu_ns = local_cpu_ns(machines[i].pid);
    int64_t end = play(begin);
    printf("{\"seconds\":%.3f,\"natsCpu\":%.6f,\"p50\":%.2f,\"p99\":%.2f,\"machines\":[", (double)(end - begin) / 1e9,
           cpu_seconds(want.nats, nats), samples_quantile_ms(&delays, 0.5), samples_quantile_ms(&delays, 0.99));
    for (size_t i = 0; i < machines_n; i++)
        printf("%s{\"came\":%ld,\"cpu\":%.6f}", i ? "," : "", machines[i].came,
               cpu_seconds(machines[i].pid, machines[i].cpu_ns));
    printf("]}\n");
}

static json_t *read_wishes(const char *text)
{
    json_error_t error;
    json_t *all, *wishes = json_loads(text, 0, &error);
    int failed =
        !wishes || json_unpack_ex(wishes, &error, 0, "{s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "rooms", &want.rooms,
                                  "bytes", &want.bytes, "rate", &want.rate, "events", &want.events, "writers",
                                  &want.writers, "nats", &want.nats, "machines", &all);
    machines_n = failed ? 0 : json_array_size(all);
    for (size_t i = 0; !failed && i < machines_n && i < MACHINES_MAX; i++) {
        struct machine *m = &machines[i];
        failed = json_unpack_ex(json_array_get(all, i), &error, 0, "{s:s, s:i, s:i, s:i}", "directory", &m->directory,
                                "pid", &m->pid, "pushers", &m->pushers, "watched", &m->watched) ||
                 m->pushers > PUSHERS_MAX;
    }
    if (failed || machines_n > MACHINES_MAX || want.writers < 1 || (size_t)want.writers > machines_n) {
        fprintf(stderr, "relays: %s\n", failed ? error.text : "too many machines or pushers, or no writer");
        exit(2);
    }
    return wishes;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: relays JSON\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    json_t *wishes = read_wishes(argv[1]);
    for (size_t i = 0; i < machines_n; i++)
        enter(&machines[i]);
    printf("open\n");
    (void)getchar();
    measure();
    samples_fini(&delays);
    json_decref(wishes);
    return 0;
}
