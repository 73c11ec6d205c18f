// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fastcgi.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/bench/local.h"
#include "tests/bench/wire.h"

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, RESPONDER = 1, HEAD = 8, READ = 65536 };

static void record(struct buf *out, unsigned char type, struct str content)
{
    const unsigned char head[HEAD] = {1, type, 0, 1, (unsigned char)(content.n >> 8), (unsigned char)content.n, 0, 0};
    assert(content.n <= UINT16_MAX);
    buf_bytes(out, head, sizeof head);
    buf_str(out, content);
}

static void length(struct buf *out, size_t n)
{
    if (n > 127)
        buf_bytes(out, (char[]){(char)(0x80 | n >> 24), (char)(n >> 16), (char)(n >> 8)}, 3);
    buf_char(out, (char)n);
}

static void print_request(struct buf *out, const struct fastcgi_param params[], int n)
{
    struct buf pairs = {0};
    for (int i = 0; i < n; i++) {
        length(&pairs, strlen(params[i].name));
        length(&pairs, strlen(params[i].value));
        buf_str(&pairs, str_from(params[i].name));
        buf_str(&pairs, str_from(params[i].value));
    }
    record(out, BEGIN_REQUEST, (struct str){(char[8]){0, RESPONDER}, 8});
    record(out, PARAMS, buf_view(&pairs));
    record(out, PARAMS, STR(""));
    record(out, STDIN, STR(""));
    buf_fini(&pairs);
}

// Takes the whole records off the front of `in`. True at the last one.
static bool take_records(struct buf *in, struct buf *answer)
{
    size_t at = 0;
    bool is_end = false;
    while (!is_end && in->n - at >= HEAD) {
        const unsigned char *head = (const unsigned char *)in->p + at;
        size_t content = (size_t)head[4] << 8 | head[5], whole = HEAD + content + head[6];
        if (in->n - at < whole)
            break;
        if (head[1] == STDOUT)
            buf_bytes(answer, in->p + at + HEAD, content);
        is_end = head[1] == END_REQUEST;
        at += whole;
    }
    memmove(in->p, in->p + at, in->n - at);
    in->n -= at;
    return is_end;
}

void fastcgi_get(const char *path, const struct fastcgi_param params[], int n, struct buf *answer)
{
    int fd = local_dial(path, SOCK_STREAM);
    struct buf request = {0}, in = {0};
    print_request(&request, params, n);
    wire_send(fd, buf_view(&request));
    buf_clear(answer);
    do {
        buf_reserve(&in, READ);
        ssize_t got = recv(fd, in.p + in.n, READ, 0);
        if (got == 0)
            errno = ECONNRESET;
        if (got <= 0)
            wire_fail(path);
        in.n += (size_t)got;
    } while (!take_records(&in, answer));
    (void)close(fd);
    buf_fini(&request);
    buf_fini(&in);
}
