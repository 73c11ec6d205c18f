// SPDX-License-Identifier: Apache-2.0
#include "cgi/local_http.h"

#include "cgi/local.h"

enum { REPLY_MAX = 4 << 20 };

// "HTTP/1.1 200 OK\r\n…\r\n\r\nBODY": the status, and *body what follows the head.
static int parse(struct str reply, struct str *body)
{
    int64_t status;
    const char *end = reply.n ? memmem(reply.p, reply.n, "\r\n\r\n", 4) : NULL;
    if (!end || !str_starts(reply, STR("HTTP/1.")) || reply.n < 12 || str_to_i64((struct str){reply.p + 9, 3}, &status))
        return -1;
    *body = str_skip(reply, (size_t)(end + 4 - reply.p));
    return (int)status;
}

int local_http_get(const char *path, struct str target, int64_t deadline_ns, struct buf *body)
{
    struct buf bytes = {0};
    struct str rest;
    int status = -1;
    int fd = local_connect(path, deadline_ns);
    if (fd < 0)
        return -1;
    buf_lit(&bytes, "GET ");
    buf_str(&bytes, target);
    buf_lit(&bytes, " HTTP/1.0\r\nHost: local\r\nConnection: close\r\n\r\n");
    if (local_write(fd, buf_view(&bytes), deadline_ns))
        goto out;
    buf_clear(&bytes);
    if (local_read(fd, &bytes, REPLY_MAX, deadline_ns))
        goto out;
    status = parse(buf_view(&bytes), &rest);
    if (status > 0)
        buf_str(body, rest);
out:
    local_close(fd, deadline_ns);
    buf_fini(&bytes);
    return status;
}
