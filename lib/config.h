// Configuration: environment variables, one table (lib/config.c) of names, kinds, defaults and help. A program reads it
// once at start and refuses to run on a value that does not fit. The sample file conf/agent-trace.env and the README's
// table are checked against this table.
#ifndef LIB_CONFIG_H
#define LIB_CONFIG_H

#include <stdint.h>
#include <stdio.h>
#include "lib/must.h"

enum config_key {
    CONFIG_DATABASE_URL,
    CONFIG_SOCKET_DIR,
    CONFIG_LOG_LEVEL,
    CONFIG_WORKERS,
    CONFIG_PUSHERS,
    CONFIG_PUBLIC_URL,
    CONFIG_BUILD,
    CONFIG_LOGIN_DAYS,
    CONFIG_HEARTBEAT_TIMEOUT,
    CONFIG_PENDING_TIMEOUT,
    CONFIG_SWEEP_INTERVAL,
    CONFIG_PUSHER_CONNECTIONS,
    CONFIG_PUSHER_ROOMS,
    CONFIG_PUSHER_QUEUE_BYTES,
    CONFIG_PUSHER_RING_EVENTS,
    CONFIG_PUSHER_RING_BYTES,
    CONFIG_PUSHER_TEXT_BYTES,
    CONFIG_PUSHER_LIFETIME,
    CONFIG_PUSHER_PING,
    CONFIG_PUSHER_DRAIN,
    CONFIG_PUSHER_CHECK,
    CONFIG__MAX
};

// Reads the environment and sets up the log for `program`. Exits with status 2 and one line for each value that is
// wrong or missing.
void config_init(const char *program);

// Never NULL. The text lives as long as the process.
const char *config_text(enum config_key key);
int64_t config_number(enum config_key key);

// A path in CONFIG_SOCKET_DIR. Exits with status 2 if it is too long for a Unix socket (sun_path, unix(7)).
const char *config_socket(char path[static 108], const char *name);

// The table, one key a paragraph, in the form of an environment file.
void config_print(FILE *out);

#endif
