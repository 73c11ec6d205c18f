// SPDX-License-Identifier: Apache-2.0
// The pusher's connection to the relay, when the relay is there and reads nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/unix_socket.h"
#include "sse/hints.h"
#include "sse/relay.h"
#include "wire/interest.h"

// As a relay that is stopped: it listens, and takes nobody.
static int listen_only(char directory[static 32], char path[static 64])
{
    (void)snprintf(directory, 32, "/tmp/trace-relay-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, 64, "%s/relay.link", directory);
    int fd = unix_socket_listen(path, SOCK_SEQPACKET, UNIX_SOCKET_ANY, 16);
    assert_true(fd >= 0);
    return fd;
}

static void what_a_stopped_relay_is_not_told_has_a_bound(void **state)
{
    (void)state;
    static struct pusher p;
    char directory[32], path[64];
    int fd = listen_only(directory, path);
    rooms_init(&p.rooms, &(struct rooms_limits){4, 16, 1 << 20, 1000}, 1);
    list_init(&p.writers);
    p.epoll = epoll_create1(EPOLL_CLOEXEC);
    p.now_ns = p.rooms.now_ns = INT64_C(1000000000);
    struct relay *relay = relay_new(&p, path);
    size_t most = 0;
    unsigned lost = 0;
    relay_step(relay);
    assert_non_null(p.relay_writer);
    for (unsigned i = 0; i < 400000; i++) {
        interest_add(p.rooms.interest, i % 2 == 0, STR("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"));
        if (i % 1000)
            continue;
        p.now_ns += INT64_C(1000000000);
        relay_step(relay);
        lost += !p.relay_writer;
        most = p.rooms.interest->n > most ? p.rooms.interest->n : most;
    }
    assert_true(lost > 0);
    assert_true(most < 2 << 20);
    hints_close(&p);
    relay_free(relay);
    rooms_fini(&p.rooms);
    (void)close(p.epoll);
    (void)close(fd);
    (void)unlink(path);
    (void)rmdir(directory);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_stopped_relay_is_not_told_has_a_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
