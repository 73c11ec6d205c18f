// trace-pusher [--number N]: holds the event streams of browsers and agents (ARCHITECTURE.md, "The pusher").
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "lib/buf.h"
#include "lib/config.h"
#include "lib/id.h"
#include "lib/log.h"
#include "lib/privilege.h"
#include "sse/conn.h"
#include "sse/db.h"
#include "sse/hints.h"
#include "sse/loop.h"
#include "sse/pusher.h"
#include "sse/revoked.h"

enum { DESCRIPTORS_SPARE = 128 };

int pusher_random(int least, int most)
{
    uint32_t r;
    id_random(&r, sizeof r);
    return least + (int)(r % (uint32_t)(most - least + 1));
}

// As many descriptors as the system lets us have; that bounds the connections too.
static size_t connections_most(void)
{
    struct rlimit limit;
    size_t wanted = (size_t)config_number(CONFIG_PUSHER_CONNECTIONS);
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return wanted;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    size_t most = limit.rlim_cur > DESCRIPTORS_SPARE ? (size_t)limit.rlim_cur - DESCRIPTORS_SPARE : 1;
    if (wanted > most)
        log_warning("only %zu connections instead of %zu: the limit of open files", most, wanted);
    return wanted < most ? wanted : most;
}

static void set_up(struct pusher *p)
{
    struct rooms_limits limits = {
        .rooms = (size_t)config_number(CONFIG_PUSHER_ROOMS),
        .ring_events = (size_t)config_number(CONFIG_PUSHER_RING_EVENTS),
        .ring_bytes = (size_t)config_number(CONFIG_PUSHER_RING_BYTES),
        .text_bytes = (size_t)config_number(CONFIG_PUSHER_TEXT_BYTES),
    };
    rooms_init(&p->rooms, &limits, (uint32_t)pusher_random(0, INT32_MAX - 1));
    list_init(&p->conns);
    list_init(&p->dead);
    list_init(&p->writers);
    p->epoll = -1;
    p->conns_most = connections_most();
    p->queue_bytes = (size_t)config_number(CONFIG_PUSHER_QUEUE_BYTES);
    p->lifetime_ms = config_number(CONFIG_PUSHER_LIFETIME) * 1000;
    p->ping_ms = config_number(CONFIG_PUSHER_PING) * 1000;
    p->drain_ms = config_number(CONFIG_PUSHER_DRAIN) * 1000;
    p->build = config_text(CONFIG_BUILD);
    p->revoked = revoked_new();
    p->db = db_new(p, config_text(CONFIG_DATABASE_URL), config_number(CONFIG_PUSHER_CHECK) * 1000);
}

static void tear_down(struct pusher *p)
{
    for (struct link *link; (link = list_first(&p->conns));)
        conn_abandon(p, conn_of_list(link));
    for (struct link *link; (link = list_take(&p->dead));)
        conn_free(p, conn_of_list(link));
    hints_close(p);
    db_free(p->db);
    revoked_free(p->revoked);
    rooms_fini(&p->rooms);
    frame_unref(p->ping);
    if (p->epoll >= 0)
        (void)close(p->epoll);
}

static int usage(FILE *out, int status)
{
    fputs("usage: trace-pusher [--number N]\n\nHolds the event streams. Configured by the environment:\n\n", out);
    config_print(out);
    return status;
}

int main(int argc, char **argv)
{
    int64_t number = 1;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, 0);
    if (argc == 3 && strcmp(argv[1], "--number") == 0) {
        if (str_to_i64(str_from(argv[2]), &number) || number < 1 || number > 64)
            return usage(stderr, 2);
    } else if (argc != 1) {
        return usage(stderr, 2);
    }
    privilege_refuse_root("trace-pusher");
    config_init("trace-pusher");
    char name[32], http[108], hint[108];
    (void)snprintf(name, sizeof name, "pusher-%d.http", (int)number);
    (void)config_socket(http, name);
    (void)snprintf(name, sizeof name, "pusher-%d.hint", (int)number);
    (void)config_socket(hint, name);
    struct pusher *p = mem_zero(sizeof *p);
    p->number = (int)number;
    set_up(p);
    int outcome = loop_run(p, &(struct loop_paths){http, hint});
    tear_down(p);
    free(p);
    return outcome ? 1 : 0;
}
