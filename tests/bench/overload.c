// SPDX-License-Identifier: Apache-2.0
// Streamed steps with many readers: finds the rate that the machine delivers piece by piece, then writes at twice that
// rate. How old is what the readers see, is every text whole at the end, does the pusher's memory stay?
//
//     overload PORT WORKSPACE TOKEN PUSHER_PID READERS_PER_SESSION SESSION…
//
// This process writes (overload_agents.h), another one reads (overload_readers.c). An age counts from when a record was
// due to when a reader has it.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "tests/bench/overload.h"
#include "tests/bench/overload_agents.h"
#include "tests/bench/wire.h"

enum { TRY_S = 2, OVERLOAD_S = 8, PATIENCE_S = 30 };

static const int64_t SECOND = INT64_C(1000000000), MS = INT64_C(1000000);
static const double LEAST_RATE = 1, FIRST_RATE = 20, MOST_RATE = 4000, RATE_STEP = 1.5;

struct trial {
    double pieces; // a second
    double wanted; // pieces a second, if each reader got each record alone
    long wrong;
};

static struct {
    pid_t pusher;
    int readers; // in all
    int readers_each;
    struct overload *shared;
} bench;

static double rss_mib(void)
{
    char path[64];
    long pages = 0, resident = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)bench.pusher);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%ld %ld", &pages, &resident) != 2)
        wire_fail(path);
    (void)fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

// Every reader has heard of the step's end.
static void wait_for_finals(void)
{
    int64_t end = clock_mono_ns() + PATIENCE_S * SECOND;
    while (atomic_load(&bench.shared->finals) < bench.readers) {
        if (clock_mono_ns() > end) {
            fprintf(stderr, "overload: %ld of %d readers heard of the end\n", atomic_load(&bench.shared->finals),
                    bench.readers);
            exit(1);
        }
        (void)usleep(1000);
    }
}

static void forget(void)
{
    struct overload *shared = bench.shared;
    shared->pieces = shared->finals = shared->wrong = 0;
    histogram_clear(&shared->ages);
}

// Returns the most memory that the pusher took meanwhile.
static double write_for(int seconds, double per_second, struct overload_written *written)
{
    double most = 0;
    overload_agents_begin(per_second);
    int64_t now, end = clock_mono_ns() + seconds * SECOND, look = 0;
    while ((now = clock_mono_ns()) < end) {
        overload_agents_turn();
        if (now > look) {
            double mib = rss_mib();
            most = mib > most ? mib : most;
            look = now + 50 * MS;
        }
    }
    *written = overload_agents_end();
    wait_for_finals();
    return most;
}

static struct trial try_rate(double per_second, int seconds)
{
    struct overload_written written;
    double mib_before = rss_mib();
    forget();
    double mib_most = write_for(seconds, per_second, &written);
    struct trial trial = {
        .pieces = (double)atomic_load(&bench.shared->pieces) / seconds,
        .wanted = (double)written.records * bench.readers_each / seconds,
        .wrong = atomic_load(&bench.shared->wrong) + overload_agents_wrong(),
    };
    const struct histogram *ages = &bench.shared->ages;
    printf("%15.1f %8.0f %11.0f %12.0f %8.0f %% %9.0f %5.0f %6.0f %12ld %9.1f %5.1f\n", per_second,
           (double)written.calls / seconds, trial.wanted, trial.pieces, 100 * trial.pieces / trial.wanted,
           histogram_quantile_ms(ages, 0.5), histogram_quantile_ms(ages, 0.99), histogram_quantile_ms(ages, 1),
           trial.wrong, mib_before, mib_most);
    return trial;
}

// True if nearly every reader gets every piece by itself; something else on the machine may spoil one try.
static bool is_delivered(double per_second)
{
    bool is = false;
    for (int i = 0; i < 2 && !is; i++) {
        struct trial trial = try_rate(per_second, TRY_S);
        is = trial.pieces >= 0.95 * trial.wanted;
    }
    return is;
}

// The highest rate that is delivered, or the least that is tried.
static double find_rate(void)
{
    double rate = FIRST_RATE;
    while (rate > LEAST_RATE && !is_delivered(rate))
        rate = rate / 2 > LEAST_RATE ? rate / 2 : LEAST_RATE;
    if (rate < FIRST_RATE)
        return rate;
    while (rate * RATE_STEP < MOST_RATE && is_delivered(rate * RATE_STEP))
        rate *= RATE_STEP;
    return rate;
}

static void print_head(int sessions)
{
    printf("%d sessions, each with an open step and %d readers; pieces of %d bytes, a checkpoint a second\n\n",
           sessions, bench.readers_each, OVERLOAD_RECORD);
    printf(
        "pieces a second                                               single  ms old: p50   p99    max   "
        "wrong texts   MiB of the pusher\n    per session    calls      wanted    delivered                             "
        "                  before  most\n");
}

int main(int argc, char **argv)
{
    int sessions = argc - 6;
    if (sessions < 1 || sessions > OVERLOAD_SESSIONS_MAX) {
        fprintf(stderr, "usage: %s PORT WORKSPACE TOKEN PUSHER_PID READERS_PER_SESSION SESSION…\n", argv[0]);
        return 2;
    }
    const char *port = argv[1], *workspace = argv[2], *token = argv[3];
    bench.pusher = (pid_t)strtol(argv[4], NULL, 10);
    bench.readers_each = (int)strtol(argv[5], NULL, 10);
    bench.readers = sessions * bench.readers_each;
    bench.shared = mmap(NULL, sizeof *bench.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (bench.shared == MAP_FAILED)
        wire_fail("mmap");
    bench.shared->ages.width_ns = MS;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    wire_raise_limit();
    pid_t readers = fork();
    if (readers == 0)
        overload_read(bench.shared, port, workspace, token, bench.readers_each, argv + 6, sessions);
    while (atomic_load(&bench.shared->greeted) < bench.readers) {
        if (waitpid(readers, NULL, WNOHANG) != 0)
            return 1;
        (void)usleep(1000);
    }
    overload_agents_init(bench.shared, port, workspace, token, argv + 6, sessions);
    print_head(sessions);
    double rate = find_rate();
    printf("\n%s %.1f a second and session; twice that:\n",
           rate > LEAST_RATE ? "delivered piece by piece up to" : "not delivered piece by piece above", rate);
    struct trial overload = try_rate(2 * rate, OVERLOAD_S);
    (void)kill(readers, SIGKILL);
    (void)waitpid(readers, NULL, 0);
    printf("afterwards, the readers gone: %.1f MiB\n", rss_mib());
    return overload.wrong ? 1 : 0;
}
