// SPDX-License-Identifier: Apache-2.0
// Load for servers of events, side by side: each has subscribers of its own, and they take turns, so that what else the
// machine does hits all of them. Measured is the servers' time on a processor.
//
//     load JSON
//
// {"subscribers" (as many in each room), "rooms", "rounds", "events" (of one round), "rate"?, "servers": […]} (see
// target.h). Without a rate the next event is published when every subscriber has the last one, so that no server is
// ever behind and nothing is merged; with one, so many a second are, each room in turn. Without rounds the
// subscriptions stand there until its standard input ends. It prints "open" when they do, and one line of JSON for each
// round and server.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "tests/bench/readers.h"
#include "tests/bench/wire.h"

enum { SETTLE_US = 500000 };

static struct {
    int subscribers, rooms, rounds, events, rate;
} want;

struct server {
    struct target target;
    struct readers readers;
};

static void pause_until(int64_t when)
{
    int64_t ns = when - clock_mono_ns();
    if (ns > 0)
        (void)usleep((useconds_t)(ns / 1000));
}

static void play(struct server *server, int round)
{
    int64_t cpu = target_cpu_ns(&server->target), begin = clock_mono_ns();
    long each = want.subscribers / want.rooms, deliveries = want.events * each, done = readers_count(&server->readers);
    for (int i = 0; i < want.events; i++) {
        if (want.rate)
            pause_until(begin + i * INT64_C(1000000000) / want.rate);
        target_publish(&server->target, i % want.rooms);
        if (!want.rate)
            readers_wait(&server->readers, done + (i + 1) * each);
    }
    readers_wait(&server->readers, done + deliveries);
    double seconds = (double)(clock_mono_ns() - begin) / 1e9;
    cpu = target_cpu_ns(&server->target) - cpu;
    printf(
        "{\"server\":\"%s\",\"round\":%d,\"deliveries\":%ld,\"cpu\":%.6f,\"seconds\":%.3f,\"p50\":%.2f,\"p99\":%.2f}\n",
        server->target.name, round, deliveries, (double)cpu / 1e9, seconds, readers_delay_ms(&server->readers, 0.5),
        readers_delay_ms(&server->readers, 0.99));
}

static json_t *read_wishes(const char *text, json_t **servers)
{
    json_error_t error;
    json_t *wishes = json_loads(text, 0, &error);
    if (!wishes || json_unpack_ex(wishes, &error, 0, "{s:i, s:i, s:i, s:i, s?i, s:o}", "subscribers", &want.subscribers,
                                  "rooms", &want.rooms, "rounds", &want.rounds, "events", &want.events, "rate",
                                  &want.rate, "servers", servers)) {
        fprintf(stderr, "load: %s\n", error.text);
        exit(2);
    }
    if (want.rooms < 1 || want.subscribers % want.rooms) {
        fprintf(stderr, "load: %d subscribers do not share %d rooms equally\n", want.subscribers, want.rooms);
        exit(2);
    }
    return wishes;
}

int main(int argc, char **argv)
{
    json_t *specs;
    if (argc != 2) {
        fprintf(stderr, "usage: load JSON\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    wire_raise_limit();
    json_t *wishes = read_wishes(argv[1], &specs);
    size_t n = json_array_size(specs);
    struct server *servers = mem_zero(n * sizeof *servers);
    for (size_t i = 0; i < n; i++) {
        target_read(&servers[i].target, json_array_get(specs, i), want.rooms);
        readers_open(&servers[i].readers, &servers[i].target, want.subscribers, want.rooms);
    }
    (void)usleep(SETTLE_US);
    printf("open\n");
    for (int round = 0; round < want.rounds; round++)
        for (size_t i = 0; i < n; i++)
            play(&servers[i], round);
    if (want.rounds == 0)
        (void)getchar();
    for (size_t i = 0; i < n; i++) {
        readers_close(&servers[i].readers);
        target_fini(&servers[i].target);
    }
    free(servers);
    json_decref(wishes);
    return 0;
}
