// SPDX-License-Identifier: Apache-2.0
// What the load generators do on this machine alone: Unix sockets, and the processor time of a server.
#ifndef TESTS_BENCH_LOCAL_H
#define TESTS_BENCH_LOCAL_H

#include <stdint.h>
#include <sys/types.h>

// A connection to a Unix socket (a path, with '/' in front), or to a port of the loopback interface ("8080"). For the
// first it waits up to five seconds until somebody listens there.
int local_dial(const char *address, int type);
// A Unix socket that everybody may connect to.
int local_listen(const char *path, int type);

// How long that process and all its threads have been on a processor, in user and kernel mode together.
int64_t local_cpu_ns(pid_t pid);

#endif
