// SPDX-License-Identifier: Apache-2.0
// The source of a request and the destination of its reply: a FastCGI connection (cgi/fcgi.c) or, from a shell, plain
// CGI (cgi/plain.c).
#ifndef CGI_EXCHANGE_H
#define CGI_EXCHANGE_H

#include "base/buf.h"

struct exchange;

struct exchange_ops {
    // A CGI variable (RFC 3875, 4.1), NULL if absent. Valid until the exchange ends.
    const char *(*variable)(struct exchange *x, const char *name);
    // At most `most` bytes of the body; fewer only at its end or when the connection broke.
    size_t (*read)(struct exchange *x, char *p, size_t most);
    // The whole reply, at once. 0, or -1 if nobody takes it any more.
    int (*write)(struct exchange *x, struct str reply);
    // A piece of a reply that is sent in pieces. 0, or -1 if it was not taken until then (clock_mono_ms()).
    int (*send)(struct exchange *x, struct str piece, int64_t until_ms);
    // Ends a reply of pieces in such a way that its reader learns that it is not whole.
    void (*cut)(struct exchange *x);
};

struct exchange {
    const struct exchange_ops *ops;
};

#endif
