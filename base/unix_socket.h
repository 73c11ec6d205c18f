// SPDX-License-Identifier: Apache-2.0
// Unix sockets that have a path: listening, connecting, and the length that a path may have. Every descriptor made here
// is non-blocking and closed on exec. It does not accept, read or write.
#ifndef BASE_UNIX_SOCKET_H
#define BASE_UNIX_SOCKET_H

#include "base/must.h"

// Room for the longest path and its NUL (sockaddr_un.sun_path).
enum { UNIX_SOCKET_PATH_SIZE = 108 };

// The mode of a socket's file decides who may connect to it.
enum unix_socket_mode {
    UNIX_SOCKET_OWN = 0600,   // this user's processes
    UNIX_SOCKET_GROUP = 0660, // and those of its group, which is the directory's where that has the set-group-ID bit
    UNIX_SOCKET_ANY = 0666    // whoever reaches the directory: who is let in is decided by SO_PEERCRED
};

// Binds and listens at `path`, in place of whatever a dead process left there. `type` is SOCK_STREAM or SOCK_SEQPACKET.
// Returns the descriptor, which the caller owns, or -1 with errno (ENAMETOOLONG if the path is too
// long). The process's umask is changed for a moment, so no other thread may be creating files.
MUST_USE int unix_socket_listen(const char *path, int type, enum unix_socket_mode mode, int backlog);

// Connects without waiting. A full backlog is EAGAIN on a Unix socket and cannot be waited for. Returns the descriptor,
// which the caller owns, or -1 with errno.
MUST_USE int unix_socket_connect(const char *path, int type);

#endif
