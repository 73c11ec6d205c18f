// CPU per delivered event: the pusher beside a bare loop with one write per subscriber, in one run, on the same
// readers.
//
//     fanout PUSHER [subscribers…]        (TRACE_DATABASE_URL as for the pusher; 1000 and 8000 subscribers if not said)
//
// The next event is sent when every reader has the last one, so neither side is ever behind, and nothing is merged; the
// two take turns, so that what else the machine does hits both. Measured is the server's time on a processor
// (/proc/PID/schedstat), user and kernel together.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/hint.h"

enum { PACED_EVENTS = 250, PACE_HZ = 50, BUCKET_US = 20, BUCKETS = 5000 };
enum { NOBODY = 65534 };
enum { READERS = 2, EVENT_BYTES = 300, ROUNDS = 15, DELIVERIES_A_ROUND = 80000, WAIT_S = 60 };

#define SESSION "ses_0000000000000000000000BENC"

// Shared with the readers, who are processes of their own.
struct shared {
    atomic_long ready;  // connections whose greeting has come
    atomic_long events; // delivered, of this server
    atomic_bool stop;
    atomic_bool timed;
    atomic_long delays[BUCKETS + 1]; // from the hint to the reader
};

static char directory[64];

static void fail(const char *what)
{
    fprintf(stderr, "fanout: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_un address_of(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", directory, name);
    return address;
}

static int call(const char *name, int type)
{
    struct sockaddr_un address = address_of(name);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    for (int i = 0; i < 500; i++) {
        if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
            return fd;
        (void)usleep(10000);
    }
    fail(name);
    return -1;
}

static void ask(int fd)
{
    struct buf b = {0};
    buf_printf(&b,
               "GET /events?room=session:" SESSION "~0~-&principal=usr_00000000000000000000000000&at=%lld HTTP/1.1\r\n"
               "Host: pusher\r\n\r\n",
               (long long)clock_wall_us());
    if (write(fd, b.p, b.n) != (ssize_t)b.n)
        fail("request");
    buf_fini(&b);
}

// The events in what was read; pings and the greeting are none. An event says when its hint was sent.
static long count(struct shared *shared, const char *p, ssize_t n)
{
    static const struct str mark = {"\"sent\":", 7};
    long events = 0;
    int64_t now = atomic_load(&shared->timed) ? clock_mono_ns() : 0;
    for (const char *at = p; n > 0 && (at = memmem(at, (size_t)(p + n - at), mark.p, mark.n)); events++) {
        at += mark.n;
        if (!now || at + 20 > p + n)
            continue;
        long bucket = (long)((now - strtoll(at, NULL, 10)) / 1000 / BUCKET_US);
        atomic_fetch_add(&shared->delays[bucket < BUCKETS ? bucket : BUCKETS], 1);
    }
    return events;
}

static void read_all(struct shared *shared, int subscribers, const char *server)
{
    static char bytes[1 << 16];
    int epoll = epoll_create1(0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < subscribers; i++) {
        int fd = call(server, SOCK_STREAM);
        ask(fd);
        if (read(fd, bytes, sizeof bytes) <= 0)
            fail("greeting");
        atomic_fetch_add(&shared->ready, 1);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
            fail("epoll");
    }
    while (!atomic_load(&shared->stop)) {
        struct epoll_event events[512];
        int n = epoll_wait(epoll, events, 512, 200);
        long got = 0;
        for (int i = 0; i < n; i++)
            got += count(shared, bytes, read(events[i].data.fd, bytes, sizeof bytes - 1));
        atomic_fetch_add(&shared->events, got);
    }
    exit(0);
}

static struct str event_bytes(int64_t seq, bool framed)
{
    static char text[EVENT_BYTES + 64];
    int head =
        framed ? snprintf(text, sizeof text, "id: %lld\nevent: agent_session:step:started\ndata: ", (long long)seq) : 0;
    int n = head + snprintf(text + head, sizeof text - (size_t)head,
                            "{\"room\":\"session:" SESSION "\",\"seq\":%lld,\"sent\":%lld,\"x\":\"", (long long)seq,
                            (long long)clock_mono_ns());
    int end = framed ? EVENT_BYTES - 2 : EVENT_BYTES - 50;
    memset(text + n, 'x', (size_t)(end - n - 2));
    memcpy(text + end - 2, "\"}\n\n", 4);
    return (struct str){text, (size_t)(framed ? end + 2 : end)};
}

// The bare loop: told by a byte on a pipe, it writes the event to everybody, one after the other.
static void bare(int subscribers, int told)
{
    static int fds[100000];
    static char bytes[4096];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sockaddr_un address = address_of("bare");
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)unlink(address.sun_path);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) || listen(listener, 4096))
        fail("bare");
    for (int i = 0; i < subscribers; i++) {
        fds[i] = accept(listener, NULL, NULL);
        if (fds[i] < 0 || read(fds[i], bytes, sizeof bytes) <= 0 || write(fds[i], "\n\n", 2) != 2)
            fail("accept");
    }
    char go;
    for (int64_t seq = 1; read(told, &go, 1) == 1; seq++) {
        struct str event = event_bytes(seq, true);
        for (int i = 0; i < subscribers; i++)
            if (write(fds[i], event.p, event.n) != (ssize_t)event.n)
                fail("write");
    }
    exit(0);
}

static void send_hint(int fd, int64_t seq)
{
    struct buf b = {0};
    struct hint hint = {.seq = seq,
                        .stamp = clock_mono_ns(),
                        .room = STR("session:" SESSION),
                        .name = STR("agent_session:step:started"),
                        .body = event_bytes(seq, false)};
    if (hint_pack(&b, &hint) || send(fd, b.p, b.n, 0) < 0)
        fail("hint");
    buf_fini(&b);
}

static long long processor_ns(pid_t pid)
{
    char path[64];
    long long ns = -1;
    (void)snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%lld", &ns) != 1)
        fail(path);
    (void)fclose(f);
    return ns;
}

// User memory that is the process's own, in KiB.
static long own_kib(pid_t pid)
{
    char path[64], line[256];
    long sum = 0, kib;
    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Private_Dirty: %ld", &kib) == 1)
            sum += kib;
    if (f)
        (void)fclose(f);
    return sum;
}

static void wait_for(atomic_long *value, long wanted)
{
    for (int64_t end = clock_mono_ns() + WAIT_S * INT64_C(1000000000); atomic_load(value) < wanted;) {
        if (clock_mono_ns() > end) {
            fprintf(stderr, "fanout: %ld of %ld\n", atomic_load(value), wanted);
            exit(1);
        }
        (void)usleep(200);
    }
}

static pid_t start_pusher(const char *program)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    // It does not serve as root; but a user who is nobody may not reach it by its path.
    int executable = open(program, O_PATH | O_CLOEXEC);
    if (geteuid() == 0 && (chown(directory, NOBODY, NOBODY) || setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
        fail("another user");
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setenv("TRACE_SOCKET_DIR", directory, 1);
    (void)setenv("TRACE_LOG_LEVEL", "error", 1);
    (void)setenv("TRACE_DATABASE_URL", "postgresql:///?host=/nonexistent", 0);
    char *const words[] = {mem_dup(str_from(program)), NULL};
    (void)fexecve(executable, words, environ);
    fail(program);
    return -1;
}

struct server {
    const char *name;
    const char *socket;
    struct shared *shared;
    pid_t pid;
    pid_t readers[READERS];
    int told; // the bare loop's pipe, or the pusher's socket for hints
    int64_t seq;
    double per_connection_kib;
    double us[ROUNDS]; // per delivered event
};

static void start_server(struct server *s, const char *program, int subscribers)
{
    int pipe_fds[2];
    if (program) {
        s->pid = start_pusher(program);
        s->told = call("pusher-1.hint", SOCK_SEQPACKET);
        return;
    }
    if (pipe(pipe_fds))
        fail("pipe");
    s->pid = fork();
    if (s->pid == 0) {
        (void)close(pipe_fds[1]);
        bare(subscribers, pipe_fds[0]);
    }
    (void)close(pipe_fds[0]);
    s->told = pipe_fds[1];
}

static void server_open(struct server *s, const char *program, int subscribers)
{
    s->shared = mmap(NULL, sizeof *s->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    start_server(s, program, subscribers);
    (void)usleep(300000);
    long kib = own_kib(s->pid);
    for (int i = 0; i < READERS; i++)
        if ((s->readers[i] = fork()) == 0)
            read_all(s->shared, subscribers / READERS, s->socket);
    wait_for(&s->shared->ready, subscribers);
    (void)usleep(500000);
    s->per_connection_kib = (double)(own_kib(s->pid) - kib) / subscribers;
}

static void server_round(struct server *s, int round, int subscribers)
{
    int events = DELIVERIES_A_ROUND / subscribers;
    long long before = processor_ns(s->pid);
    for (int i = 0; i < events; i++) {
        long wanted = atomic_load(&s->shared->events) + subscribers;
        s->seq++;
        if (strcmp(s->socket, "bare") == 0)
            (void)!write(s->told, "x", 1);
        else
            send_hint(s->told, s->seq);
        wait_for(&s->shared->events, wanted);
    }
    s->us[round] = (double)(processor_ns(s->pid) - before) / 1e3 / events / subscribers;
}

static void server_close(struct server *s)
{
    atomic_store(&s->shared->stop, true);
    for (int i = 0; i < READERS; i++)
        (void)waitpid(s->readers[i], NULL, 0);
    (void)kill(s->pid, SIGKILL);
    (void)waitpid(s->pid, NULL, 0);
    (void)close(s->told);
    (void)munmap(s->shared, sizeof *s->shared);
}

// Events at a steady pace, each of which has its own delay at every reader.
static void server_pace(struct server *s, int subscribers)
{
    long wanted = atomic_load(&s->shared->events) + (long)subscribers * PACED_EVENTS;
    atomic_store(&s->shared->timed, true);
    for (int i = 0; i < PACED_EVENTS; i++) {
        send_hint(s->told, ++s->seq);
        (void)usleep(1000000 / PACE_HZ);
    }
    wait_for(&s->shared->events, wanted);
    atomic_store(&s->shared->timed, false);
}

// The delay that `part` of all deliveries kept to, in milliseconds.
static double delay_ms(struct server *s, double part)
{
    long all = 0, sum = 0;
    for (int i = 0; i <= BUCKETS; i++)
        all += atomic_load(&s->shared->delays[i]);
    for (int i = 0; i <= BUCKETS; i++) {
        sum += atomic_load(&s->shared->delays[i]);
        if ((double)sum >= part * (double)all)
            return (i + 1) * BUCKET_US / 1000.0;
    }
    return 0;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void compare(const char *program, int subscribers)
{
    struct server bare_loop = {.name = "bare", .socket = "bare"};
    struct server pusher = {.name = "pusher", .socket = "pusher-1.http"};
    double ratio[ROUNDS];
    server_open(&bare_loop, NULL, subscribers);
    server_open(&pusher, program, subscribers);
    for (int round = 0; round < ROUNDS; round++) {
        server_round(&bare_loop, round, subscribers);
        server_round(&pusher, round, subscribers);
        ratio[round] = pusher.us[round] / bare_loop.us[round];
    }
    server_pace(&pusher, subscribers);
    double half = delay_ms(&pusher, 0.5), most = delay_ms(&pusher, 0.99);
    server_close(&pusher);
    server_close(&bare_loop);
    qsort(bare_loop.us, ROUNDS, sizeof(double), by_size);
    qsort(pusher.us, ROUNDS, sizeof(double), by_size);
    qsort(ratio, ROUNDS, sizeof(double), by_size);
    printf("%11d %14.3f %16.3f %13.2f  %4.2f..%.2f %11.2f %13.2f %8.2f\n", subscribers, bare_loop.us[ROUNDS / 2],
           pusher.us[ROUNDS / 2], ratio[ROUNDS / 2], ratio[0], ratio[ROUNDS - 1], pusher.per_connection_kib, half,
           most);
}

int main(int argc, char **argv)
{
    static const int usual[] = {1000, 8000};
    struct rlimit files;
    if (argc < 2) {
        fprintf(stderr, "usage: fanout PUSHER [subscribers…]\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(directory, sizeof directory, "%s/fanout-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(directory))
        fail("directory");
    printf("%d-byte events, %d reader processes each, medians of %d rounds of %d deliveries, %ld processors\n\n",
           EVENT_BYTES, READERS, ROUNDS, DELIVERIES_A_ROUND, sysconf(_SC_NPROCESSORS_ONLN));
    printf("µs: processor time per delivered event; ms: from the hint to the reader at %d events/s\n\n", PACE_HZ);
    printf("subscribers        bare µs        pusher µs  median ratio least..most  KiB/conn.   ms p50      p99\n");
    for (int i = 0; i < (argc > 2 ? argc - 2 : 2); i++)
        compare(argv[1], argc > 2 ? (int)strtol(argv[i + 2], NULL, 10) : usual[i]);
    return 0;
}
