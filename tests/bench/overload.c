// Streamed steps with many readers: finds the rate that the machine delivers piece by piece, then writes at twice that
// rate. How old is what the readers see, is every text whole at the end, does the pusher's memory stay?
//
//     overload PORT WORKSPACE TOKEN PUSHER_PID READERS_PER_SESSION SESSION…
//
// The agents (this process) write a record at its time, whatever became of the ones before; a record that finds all its
// session's connections busy goes with the next one. Once a second they send the whole text as a checkpoint, as the
// emitter does, with no other call of the session on its way: which of two is the newer one could not be told. An age
// counts from when the record was due to when a reader has it.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/clock.h"
#include "lib/id.h"
#include "tests/bench/overload.h"
#include "tests/bench/wire.h"

enum { LANES = 6, TRY_S = 2, OVERLOAD_S = 8, FIRST_RATE = 20, PATIENCE_S = 30 };

static const int64_t SECOND = INT64_C(1000000000), MS = INT64_C(1000000);

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

struct trial {
    double per_second; // of each session
    double calls, pieces;
    double wanted; // pieces a second, if each reader got each record alone
    long p50_ms, p99_ms, most_ms, wrong;
    double mib_before, mib_most;
};

static struct {
    const char *port, *workspace, *token;
    pid_t pusher;
    int epoll, n, readers, busy;
    int64_t calls, records;
    struct agent agents[OVERLOAD_SESSIONS_MAX];
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
    lane->fd = wire_dial(bench.port);
    wire_watch(bench.epoll, lane->fd, lane);
}

// `what`: the path below the session.
static void call(struct lane *lane, const char *what, const struct buf *body)
{
    if (lane->fd < 0)
        dial(lane);
    struct buf path = {0}, request = {0};
    buf_printf(&path, "/api/workspaces/%s/agent-sessions/%s/%s", bench.workspace, lane->agent->session, what);
    wire_post(&request, buf_cstr(&path), bench.token, buf_view(body));
    wire_send(lane->fd, buf_view(&request));
    lane->is_busy = true;
    lane->agent->busy++;
    bench.busy++;
    buf_fini(&path);
    buf_fini(&request);
}

static void call_step(struct lane *lane, const char *verb, const struct buf *body)
{
    char what[64];
    (void)snprintf(what, sizeof what, "steps/%s/%s", lane->agent->step, verb);
    call(lane, what, body);
}

static void hear_some(int timeout_ms)
{
    struct epoll_event events[64];
    int n = epoll_wait(bench.epoll, events, 64, timeout_ms);
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
        bench.busy--;
    }
}

static void settle(void)
{
    while (bench.busy)
        hear_some(100);
}

static void begin_step(struct agent *agent, int64_t now, int64_t delay)
{
    struct buf body = {0};
    id_new(agent->step, "stp");
    atomic_store(&agent->text->n, 0);
    agent->sent = 0;
    agent->due = now + delay;
    agent->checkpoint_due = agent->due + SECOND;
    buf_printf(&body, "{\"id\":\"%s\",\"stepType\":\"thinking\"}", agent->step);
    call(&agent->lanes[0], "steps", &body);
    buf_fini(&body);
}

static void end_step(struct agent *agent)
{
    struct buf body = {0};
    buf_printf(&body, "{\"content\":\"%.*s\"}", (int)atomic_load(&agent->text->n), agent->text->bytes);
    call_step(&agent->lanes[0], "complete", &body);
    buf_fini(&body);
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
    bench.records++;
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
    bench.calls++;
    call_step(free_lane(agent), "progress", &body);
    buf_fini(&body);
}

static void write_due(struct agent *agent, int64_t now, int64_t pace)
{
    for (; agent->due <= now; agent->due += pace)
        write_record(agent);
    bool is_checkpoint = now >= agent->checkpoint_due;
    int most = agent->is_storing ? 0 : is_checkpoint ? 1 : LANES;
    if (agent->busy < most && atomic_load(&agent->text->n) > agent->sent)
        send_text(agent, now, is_checkpoint);
}

// Every reader has heard of the step's end.
static void wait_for_finals(void)
{
    int64_t end = clock_mono_ns() + PATIENCE_S * SECOND;
    while (atomic_load(&bench.shared->finals) < (long)bench.n * bench.readers) {
        if (clock_mono_ns() > end) {
            fprintf(stderr, "overload: %ld of %d readers heard of the end\n", atomic_load(&bench.shared->finals),
                    bench.n * bench.readers);
            exit(1);
        }
        (void)usleep(1000);
    }
}

// The step as REST tells it has the text that was written.
static void compare(struct agent *agent)
{
    struct lane *lane = &agent->lanes[0];
    struct buf path = {0}, request = {0};
    buf_printf(&path, "/api/workspaces/%s/agent-sessions/%s/steps/%s", bench.workspace, agent->session, agent->step);
    wire_get(&request, buf_cstr(&path), bench.token, "");
    wire_send(lane->fd, buf_view(&request));
    buf_clear(&lane->answer);
    while (!wire_hear(lane->fd, &lane->answer))
        continue;
    struct buf wanted = {0};
    buf_printf(&wanted, "\"content\":\"%.*s\"", (int)atomic_load(&agent->text->n), agent->text->bytes);
    struct str body = wire_body(&lane->answer);
    if (!memmem(body.p, body.n, wanted.p, wanted.n))
        atomic_fetch_add(&bench.shared->wrong, 1);
    buf_clear(&lane->answer);
    buf_fini(&wanted);
    buf_fini(&path);
    buf_fini(&request);
}

static long age_ms(double share)
{
    long sum = 0, all = atomic_load(&bench.shared->shown);
    for (int ms = 0; ms <= OVERLOAD_AGES_MS; ms++) {
        sum += atomic_load(&bench.shared->ages[ms]);
        if (sum > 0 && (double)sum >= share * (double)all)
            return ms + 1;
    }
    return 0;
}

static void forget(void)
{
    struct overload *shared = bench.shared;
    bench.calls = bench.records = 0;
    shared->pieces = shared->shown = shared->finals = shared->wrong = 0;
    for (int ms = 0; ms <= OVERLOAD_AGES_MS; ms++)
        shared->ages[ms] = 0;
}

static void write_for(int seconds, double per_second, struct trial *trial)
{
    int64_t now = clock_mono_ns(), pace = (int64_t)((double)SECOND / per_second), end = now + seconds * SECOND,
            look = 0;
    for (int i = 0; i < bench.n; i++)
        begin_step(&bench.agents[i], now, 100 * MS + pace * i / bench.n);
    settle();
    while ((now = clock_mono_ns()) < end) {
        for (int i = 0; i < bench.n; i++)
            write_due(&bench.agents[i], now, pace);
        if (now > look) {
            double mib = rss_mib();
            trial->mib_most = mib > trial->mib_most ? mib : trial->mib_most;
            look = now + 50 * MS;
        }
        hear_some(1);
    }
    settle();
    for (int i = 0; i < bench.n; i++)
        end_step(&bench.agents[i]);
    settle();
    wait_for_finals();
}

static struct trial try_rate(double per_second, int seconds)
{
    struct trial trial = {.per_second = per_second, .mib_before = rss_mib()};
    forget();
    write_for(seconds, per_second, &trial);
    for (int i = 0; i < bench.n; i++)
        compare(&bench.agents[i]);
    trial.calls = (double)bench.calls / seconds;
    trial.wanted = (double)bench.records * bench.readers / seconds;
    trial.pieces = (double)atomic_load(&bench.shared->pieces) / seconds;
    trial.p50_ms = age_ms(0.5);
    trial.p99_ms = age_ms(0.99);
    trial.most_ms = age_ms(1);
    trial.wrong = atomic_load(&bench.shared->wrong);
    printf("%15.1f %8.0f %11.0f %12.0f %8.0f %% %9ld %5ld %6ld %12ld %9.1f %5.1f\n", per_second, trial.calls,
           trial.wanted, trial.pieces, 100 * trial.pieces / trial.wanted, trial.p50_ms, trial.p99_ms, trial.most_ms,
           trial.wrong, trial.mib_before, trial.mib_most);
    return trial;
}

// True if nearly every reader gets every piece by itself.
static bool is_delivered(double per_second)
{
    struct trial trial = try_rate(per_second, TRY_S);
    return trial.pieces >= 0.95 * trial.wanted;
}

static void set_up(char **sessions)
{
    bench.epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < bench.n; i++) {
        struct agent *agent = &bench.agents[i];
        agent->session = sessions[i];
        agent->text = &bench.shared->texts[i];
        for (int k = 0; k < LANES; k++)
            agent->lanes[k] = (struct lane){.fd = -1, .agent = agent};
    }
}

int main(int argc, char **argv)
{
    bench.n = argc - 6;
    if (bench.n < 1 || bench.n > OVERLOAD_SESSIONS_MAX) {
        fprintf(stderr, "usage: %s PORT WORKSPACE TOKEN PUSHER_PID READERS_PER_SESSION SESSION…\n", argv[0]);
        return 2;
    }
    bench.port = argv[1];
    bench.workspace = argv[2];
    bench.token = argv[3];
    bench.pusher = (pid_t)strtol(argv[4], NULL, 10);
    bench.readers = (int)strtol(argv[5], NULL, 10);
    bench.shared = mmap(NULL, sizeof *bench.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (bench.shared == MAP_FAILED)
        wire_fail("mmap");
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    wire_raise_limit();
    pid_t readers = fork();
    if (readers == 0)
        overload_read(bench.shared, bench.port, bench.workspace, bench.token, bench.readers, argv + 6, bench.n);
    while (atomic_load(&bench.shared->greeted) < (long)bench.n * bench.readers && waitpid(readers, NULL, WNOHANG) == 0)
        (void)usleep(1000);
    set_up(argv + 6);

    printf("%d sessions, each with an open step and %d readers; pieces of %d bytes, a checkpoint a second\n\n", bench.n,
           bench.readers, OVERLOAD_RECORD);
    printf(
        "pieces a second                                               single  ms old: p50   p99    max   "
        "wrong texts   MiB of the pusher\n    per session    calls      wanted    delivered                             "
        "                  before  most\n");
    double rate = FIRST_RATE, deliverable = rate;
    for (; rate < 4000; rate *= 1.5) {
        // Something else on the machine may spoil one try.
        if (!is_delivered(rate) && !is_delivered(rate))
            break;
        deliverable = rate;
    }
    printf("\ndelivered piece by piece up to %.1f a second and session; twice that:\n", deliverable);
    struct trial overload = try_rate(2 * deliverable, OVERLOAD_S);
    (void)kill(readers, SIGKILL);
    (void)waitpid(readers, NULL, 0);
    printf("afterwards, the readers gone: %.1f MiB\n", rss_mib());
    return overload.wrong ? 1 : 0;
}
