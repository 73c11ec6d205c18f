// SPDX-License-Identifier: Apache-2.0
#include "cgi/plain.h"

#include <stdio.h>
#include <stdlib.h>

static const char *variable(struct exchange *x, const char *name)
{
    (void)x;
    return getenv(name);
}

static size_t read_body(struct exchange *x, char *p, size_t most)
{
    (void)x;
    return fread(p, 1, most, stdin);
}

static int write_reply(struct exchange *x, struct str reply)
{
    (void)x;
    return fwrite(reply.p, 1, reply.n, stdout) == reply.n && fflush(stdout) == 0 ? 0 : -1;
}

static int send_piece(struct exchange *x, struct str piece, int64_t until_ms)
{
    (void)until_ms;
    return write_reply(x, piece);
}

// Whoever reads a pipe sees the exit status.
static void cut(struct exchange *x)
{
    (void)x;
    exit(1);
}

static const struct exchange_ops ops = {variable, read_body, write_reply, send_piece, cut};
static struct exchange the_exchange = {&ops};

bool plain_wanted(void)
{
    return getenv("REQUEST_METHOD") != NULL;
}

struct exchange *plain_exchange(void)
{
    return &the_exchange;
}
