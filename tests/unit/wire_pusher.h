// SPDX-License-Identifier: Apache-2.0
// The other end of the bus for tests: a pusher's hint socket in a directory of its own.
#ifndef TESTS_UNIT_LIB_PUSHER_H
#define TESTS_UNIT_LIB_PUSHER_H

#include "base/unix_socket.h"
#include "wire/hint.h"

struct pusher {
    char directory[64];
    char path[UNIX_SOCKET_PATH_SIZE];
    int listener; // -1: away
    int fd;       // the writer's connection; -1: none yet
    struct buf message;
};

// An empty directory; nobody listens in it yet.
void pusher_init(struct pusher *pusher);
void pusher_fini(struct pusher *pusher);

void pusher_come(struct pusher *pusher, int number);
void pusher_go(struct pusher *pusher);

// Takes the next hint that has arrived; false if there is none. Its views are valid until the next call.
bool pusher_take(struct pusher *pusher, struct hint *hint);

#endif
