// SPDX-License-Identifier: Apache-2.0
// The configuration: environment variables, with one table (base/config.c) of their names, kinds, defaults and help
// texts. A program reads it once at its start and refuses to run with a value that does not fit. A lint compares the
// table with the sample file conf/agent-trace.env and with docs/configuration.md.
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdint.h>
#include <stdio.h>
#include "base/must.h"
#include "base/unix_socket.h"

enum config_key {
    CONFIG_DATABASE_URL,
    CONFIG_DATABASE_DEADLINE,
    CONFIG_READ_DATABASE_URL,
    CONFIG_SOCKET_DIR,
    CONFIG_LOG_LEVEL,
    CONFIG_ACCESS_LOG,
    CONFIG_OTEL_ENDPOINT,
    CONFIG_OTEL_HEADERS,
    CONFIG_OTEL_SERVICE_NAME,
    CONFIG_OTEL_SAMPLER_ARG,
    CONFIG_WORKERS,
    CONFIG_INGEST_WORKERS,
    CONFIG_PUSHERS,
    CONFIG_PUBLIC_URL,
    CONFIG_CORS_ORIGINS,
    CONFIG_BUILD,
    CONFIG_LOGIN_DAYS,
    CONFIG_PASSWORDS,
    CONFIG_OIDC_ISSUER,
    CONFIG_OIDC_CLIENT_ID,
    CONFIG_OIDC_CLIENT_SECRET,
    CONFIG_OIDC_LABEL,
    CONFIG_OIDC_DOMAINS,
    CONFIG_BUDGET_REQUESTS,
    CONFIG_BUDGET_STEPS,
    CONFIG_BUDGET_BYTES,
    CONFIG_HEARTBEAT_TIMEOUT,
    CONFIG_PENDING_TIMEOUT,
    CONFIG_SWEEP_INTERVAL,
    CONFIG_WEBHOOKS_PRIVATE,
    CONFIG_END_DELAY,
    CONFIG_PUSHER_CONNECTIONS,
    CONFIG_PUSHER_STREAMS_PERSON,
    CONFIG_PUSHER_STREAMS_TOKEN,
    CONFIG_PUSHER_STREAMS_ADDRESS,
    CONFIG_PUSHER_ROOMS,
    CONFIG_PUSHER_QUEUE_BYTES,
    CONFIG_PUSHER_RING_EVENTS,
    CONFIG_PUSHER_RING_BYTES,
    CONFIG_PUSHER_TEXT_BYTES,
    CONFIG_PUSHER_LIFETIME,
    CONFIG_PUSHER_PING,
    CONFIG_PUSHER_DRAIN,
    CONFIG_PUSHER_CHECK,
    CONFIG_RELAY_DIR,
    CONFIG_RELAY_USER,
    CONFIG_NATS_URL,
    CONFIG_NATS_CA,
    CONFIG_NAMESPACE,
    CONFIG_BUS_KEY,
    CONFIG__MAX
};

// Reads the environment and sets up the log for `program`. Exits with status 2 and one line for each value that is
// wrong or missing.
void config_init(const char *program);

// Never NULL. The text lives as long as the process.
const char *config_text(enum config_key key);
int64_t config_number(enum config_key key);

// A path in CONFIG_SOCKET_DIR. Exits with status 2 if it is too long for a Unix socket.
const char *config_socket(char path[static UNIX_SOCKET_PATH_SIZE], const char *name);

// The same in CONFIG_RELAY_DIR, which must not be empty.
const char *config_relay_socket(char path[static UNIX_SOCKET_PATH_SIZE], const char *name);

// Prints the table as an environment file, with a paragraph for each key.
void config_print(FILE *out);

#endif
