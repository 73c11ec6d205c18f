// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/wire_pusher.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/base.h"

void pusher_init(struct pusher *pusher)
{
    *pusher = (struct pusher){.directory = "/tmp/agent-trace-bus-XXXXXX", .listener = -1, .fd = -1};
    assert_non_null(mkdtemp(pusher->directory));
}

void pusher_fini(struct pusher *pusher)
{
    pusher_go(pusher);
    assert_int_equal(rmdir(pusher->directory), 0);
    buf_fini(&pusher->message);
}

void pusher_come(struct pusher *pusher, int number)
{
    (void)snprintf(pusher->path, sizeof pusher->path, "%s/pusher-%d.hint", pusher->directory, number);
    pusher->listener = unix_socket_listen(pusher->path, SOCK_SEQPACKET, UNIX_SOCKET_OWN, 4);
    assert_true(pusher->listener >= 0);
}

void pusher_go(struct pusher *pusher)
{
    if (pusher->fd >= 0)
        (void)close(pusher->fd);
    if (pusher->listener >= 0) {
        (void)close(pusher->listener);
        assert_int_equal(unlink(pusher->path), 0);
    }
    pusher->fd = pusher->listener = -1;
}

bool pusher_take(struct pusher *pusher, struct hint *hint)
{
    if (pusher->fd < 0)
        pusher->fd = accept4(pusher->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (pusher->fd < 0)
        return false;
    buf_clear(&pusher->message);
    buf_reserve(&pusher->message, HINT_SIZE_MAX + 1);
    ssize_t n = recv(pusher->fd, pusher->message.p, HINT_SIZE_MAX + 1, 0);
    if (n <= 0)
        return false;
    pusher->message.n = (size_t)n;
    assert_int_equal(hint_unpack(hint, buf_view(&pusher->message)), 0);
    return true;
}
