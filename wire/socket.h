// SPDX-License-Identifier: Apache-2.0
// The names of the programs' sockets in TRACE_SOCKET_DIR. Whoever listens and whoever connects take them from here;
// nginx has them in conf/nginx.conf.in and conf/run/nginx.sh. Opening them is base/unix_socket.h.
#ifndef WIRE_SOCKET_H
#define WIRE_SOCKET_H

enum socket_kind {
    SOCKET_TRACE_API,     // FastCGI: trace-api.sock
    SOCKET_WORKSPACE_API, // FastCGI: workspace-api.sock
    SOCKET_INGEST_API,    // FastCGI: ingest-api.sock
    SOCKET_SIGN_IN,       // FastCGI: sign-in.sock, also of workspace-api
    SOCKET_SPANS,         // SEQPACKET: spans.sock, of the process that sends spans to a collector
    SOCKET_STREAMS,       // HTTP, one for each pusher: pusher-N.http
    SOCKET_HINTS,         // SEQPACKET, one for each pusher: pusher-N.hint
    SOCKET_HANDOFFS,      // SEQPACKET, one for each pusher: pusher-N.handoff
    SOCKET_RELAY_HINTS,   // SEQPACKET, in the relay's directory: writers send it what goes to other machines
    SOCKET_RELAY_LINKS,   // SEQPACKET, likewise: pushers say what they follow, and are sent hints
    SOCKET_RELAY_HTTP,    // HTTP, likewise: how the relay is
    SOCKET__MAX
};

// Pushers are numbered from 1 to SOCKET_PUSHERS_MAX.
enum { SOCKET_PUSHERS_MAX = 64, SOCKET_NAME_SIZE = 32 };

// Writes the name with its NUL and returns it. `number` is the pusher's; the other programs have none, and 0 will do.
const char *socket_name(char name[static SOCKET_NAME_SIZE], enum socket_kind kind, int number);

#endif
