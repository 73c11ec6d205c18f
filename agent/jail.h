// SPDX-License-Identifier: Apache-2.0
// jail: a process gives up, for good, everything but reading and writing what it has open, memory, and its end. Any
// other system call kills it: it opens no file and no socket, starts no program, and sends no signal.
#ifndef AGENT_JAIL_H
#define AGENT_JAIL_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JAIL_IS_OPEN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define JAIL_IS_OPEN 1
#endif
#endif
#ifndef JAIL_IS_OPEN
// 1 in programs with a sanitizer, which needs calls of its own: jail_enter() does nothing there.
#define JAIL_IS_OPEN 0
#endif

// -1 if the kernel refuses, and then the process must not go on. What it needs must be open before: also the standard
// streams' buffers, since the library asks for the kind of a file when it makes one.
int jail_enter(void) __attribute__((warn_unused_result));

#endif
