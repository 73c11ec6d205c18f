// SPDX-License-Identifier: Apache-2.0
// trace-pusher [--number N]: serves the event streams of browsers and agents (ARCHITECTURE.md, "The pusher").
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/config.h"
#include "base/id.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/version.h"
#include "sse/conn.h"
#include "sse/db.h"
#include "sse/handoffs.h"
#include "sse/hints.h"
#include "sse/loop.h"
#include "sse/pusher.h"
#include "sse/quota.h"
#include "sse/relay.h"
#include "sse/revoked.h"
#include "wire/pass.h"
#include "wire/socket.h"

enum { DESCRIPTORS_SPARE = 128 };

static const int64_t RIGHTS_LAST_US = 10 * INT64_C(1000000);

int pusher_random(int least, int most)
{
    uint32_t r;
    id_random(&r, sizeof r);
    return least + (int)(r % (uint32_t)(most - least + 1));
}

// Raises the limit of descriptors as far as the system allows; it bounds the number of connections.
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
        log_warning("only %zu connections are possible instead of %zu, because of the limit of open files", most,
                    wanted);
    return wanted < most ? wanted : most;
}

// The first write of an event wakes nginx. Were the pusher preempted then, it would wait for the next tick, 4 ms later;
// under this policy it finishes its writes first. Where the limit of RTPRIO does not allow it, streams work all the
// same.
static void ask_for_realtime(void)
{
    const struct sched_param priority = {.sched_priority = 1};
    if (sched_getscheduler(0) == SCHED_OTHER && sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &priority))
        log_info("goes on without real-time priority: %s", strerror(errno));
}

// The relay to other machines, if there are any.
static struct relay *relay_of(struct pusher *p)
{
    char name[SOCKET_NAME_SIZE], path[UNIX_SOCKET_PATH_SIZE];
    if (!config_text(CONFIG_RELAY_DIR)[0])
        return NULL;
    return relay_new(p, config_relay_socket(path, socket_name(name, SOCKET_RELAY_LINKS, 0)));
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
    list_init(&p->givers);
    p->epoll = -1;
    p->conns_most = connections_most();
    p->queue_bytes = (size_t)config_number(CONFIG_PUSHER_QUEUE_BYTES);
    p->lifetime_ms = config_number(CONFIG_PUSHER_LIFETIME) * 1000;
    p->end_delay_s = config_number(CONFIG_END_DELAY);
    p->ping_ms = config_number(CONFIG_PUSHER_PING) * 1000;
    p->drain_ms = config_number(CONFIG_PUSHER_DRAIN) * 1000;
    p->build = *config_text(CONFIG_BUILD) ? config_text(CONFIG_BUILD) : version_text();
    p->revoked = revoked_new();
    p->quota = quota_new((struct quota_limits){
        .person = (uint32_t)config_number(CONFIG_PUSHER_STREAMS_PERSON),
        .token = (uint32_t)config_number(CONFIG_PUSHER_STREAMS_TOKEN),
        .network = (uint32_t)config_number(CONFIG_PUSHER_STREAMS_ADDRESS),
    });
    p->db = db_new(p, config_text(CONFIG_DATABASE_URL), config_number(CONFIG_PUSHER_CHECK) * 1000,
                   config_number(CONFIG_DATABASE_DEADLINE) * 1000);
    p->relay = relay_of(p);
    // Two comparisons that fail.
    const int64_t check_us = config_number(CONFIG_PUSHER_CHECK) * 1000000;
    p->rights_last_us = 2 * check_us > RIGHTS_LAST_US ? 2 * check_us : RIGHTS_LAST_US;
}

static void tear_down(struct pusher *p)
{
    for (struct link *link; (link = list_first(&p->conns));)
        conn_abandon(p, conn_of_list(link));
    for (struct link *link; (link = list_take(&p->dead));)
        conn_free(conn_of_list(link));
    relay_free(p->relay);
    buf_fini(&p->text_questions);
    buf_fini(&p->deletions);
    hints_close(p);
    handoffs_close(p);
    db_free(p->db);
    revoked_free(p->revoked);
    quota_free(p->quota);
    rooms_fini(&p->rooms);
    frame_unref(p->ping);
    if (p->epoll >= 0)
        (void)close(p->epoll);
}

static int usage(FILE *out, int status)
{
    fputs("usage: trace-pusher [--number N]\n\nServes the event streams. It is configured by the environment:\n\n",
          out);
    config_print(out);
    return status;
}

int main(int argc, char **argv)
{
    int64_t number = 1;
    if (version_answered("trace-pusher", argc, argv))
        return 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, 0);
    if (argc == 3 && strcmp(argv[1], "--number") == 0) {
        if (str_to_i64(str_from(argv[2]), &number) || number < 1 || number > SOCKET_PUSHERS_MAX)
            return usage(stderr, 2);
    } else if (argc != 1) {
        return usage(stderr, 2);
    }
    privilege_refuse_root("trace-pusher");
    config_init("trace-pusher");
    char name[SOCKET_NAME_SIZE], http[UNIX_SOCKET_PATH_SIZE], hint[UNIX_SOCKET_PATH_SIZE];
    char handoff[UNIX_SOCKET_PATH_SIZE];
    (void)config_socket(http, socket_name(name, SOCKET_STREAMS, (int)number));
    (void)config_socket(hint, socket_name(name, SOCKET_HINTS, (int)number));
    (void)config_socket(handoff, socket_name(name, SOCKET_HANDOFFS, (int)number));
    ask_for_realtime();
    struct pusher *p = mem_zero(sizeof *p);
    p->number = (int)number;
    (void)config_socket(p->pass_key_path, PASS_KEY_FILE);
    set_up(p);
    int outcome = loop_run(p, &(struct loop_paths){http, hint, handoff});
    tear_down(p);
    free(p);
    return outcome ? 1 : 0;
}
