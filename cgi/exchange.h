// Where a request comes from and its reply goes to: a FastCGI connection (cgi/fcgi.c) or, from a shell, plain CGI
// (cgi/plain.c).
#ifndef CGI_EXCHANGE_H
#define CGI_EXCHANGE_H

#include "lib/buf.h"

struct exchange;

struct exchange_ops {
    // A CGI variable (RFC 3875, 4.1), NULL if absent. Valid until the exchange ends.
    const char *(*variable)(struct exchange *x, const char *name);
    // At most `most` bytes of the body; fewer only at its end or when the connection broke.
    size_t (*read)(struct exchange *x, char *p, size_t most);
    // The whole reply, at once. 0, or -1 if nobody takes it any more.
    int (*write)(struct exchange *x, struct str reply);
};

struct exchange {
    const struct exchange_ops *ops;
};

#endif
