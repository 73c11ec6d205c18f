// What the C programs of the benchmarks share: sockets, the processor time of another process, and giving up.
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdint.h>
#include <sys/types.h>

// Says what failed, with errno, and ends the program.
_Noreturn void bench_fail(const char *what);

// As many descriptors as the system allows, and a write to a closed connection is an error, not a signal.
void bench_begin(void);

// A connection to a Unix socket (a path, with '/' in front) or to a port of the loopback interface ("8080"). It waits
// up to five seconds for somebody to listen there.
int bench_dial(const char *address, int type);
// A Unix socket that everybody may connect to.
int bench_listen(const char *path, int type);

// How long that process and all its threads have been on a processor, in user and kernel mode together.
int64_t bench_cpu_ns(pid_t pid);

#endif
