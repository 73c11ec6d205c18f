// SPDX-License-Identifier: Apache-2.0
// A FastCGI client for benchmarks: one GET, one connection to a Unix socket, as nginx makes it (FastCGI 1.0, section
// 3).
#ifndef TESTS_BENCH_FASTCGI_H
#define TESTS_BENCH_FASTCGI_H

#include "base/buf.h"

struct fastcgi_param {
    const char *name, *value;
};

// Reads the whole output, headers included, of the program that listens at `path` into `answer`. Whatever fails ends
// this one.
void fastcgi_get(const char *path, const struct fastcgi_param params[], int n, struct buf *answer);

#endif
