// A FastCGI client for benchmarks: one GET, one connection to a Unix socket, as nginx makes it (FastCGI 1.0, section
// 3).
#ifndef TESTS_BENCH_FASTCGI_H
#define TESTS_BENCH_FASTCGI_H

#include "lib/buf.h"

struct parameter_pair {
    const char *name, *value;
};

// Reads the program's whole output, headers included, into `answer`. Whatever fails ends the program.
void fastcgi_get(const char *socket, const struct parameter_pair parameters[], int n, struct buf *answer);

#endif
