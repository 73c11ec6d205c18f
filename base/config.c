// SPDX-License-Identifier: Apache-2.0
#include "base/config.h"

#include <assert.h>
#include <stdlib.h>
#include "base/config_table.h"
#include "base/log.h"

static const struct config_row keys[CONFIG__MAX] = {
    [CONFIG_DATABASE_URL] = {"TRACE_DATABASE_URL", CONFIG_TEXT, NULL, 0, 0,
                             "PostgreSQL connection URL of the programs' role; may name several hosts"},
    [CONFIG_DATABASE_DEADLINE] = {"TRACE_DATABASE_DEADLINE", CONFIG_NUMBER, "3", 1, 3600,
                                  "seconds after which a statement without an answer is given up: 503"},
    [CONFIG_READ_DATABASE_URL] =
        {"TRACE_READ_DATABASE_URL", CONFIG_TEXT, "", 0, 0,
         "URL of standbys that lists, search and statistics are read from while they are current; empty: none"},
    [CONFIG_SOCKET_DIR] = {"TRACE_SOCKET_DIR", CONFIG_TEXT, "/run/agent-trace", 0, 0,
                           "directory of the Unix sockets between nginx and the programs"},
    [CONFIG_LOG_LEVEL] = {"TRACE_LOG_LEVEL", CONFIG_LEVEL, "info", 0, 0, "debug, info, warning or error"},
    [CONFIG_ACCESS_LOG] = {"TRACE_ACCESS_LOG", CONFIG_NUMBER, "0", 0, 1,
                           "1: the FastCGI programs log each request as a line of JSON, without content"},
    [CONFIG_OTEL_ENDPOINT] = {"OTEL_EXPORTER_OTLP_ENDPOINT", CONFIG_TEXT, "", 0, 0,
                              "base URL of a collector that takes OTLP/HTTP in JSON: the sweeper sends it spans of "
                              "requests; empty: none are made"},
    [CONFIG_OTEL_HEADERS] = {"OTEL_EXPORTER_OTLP_HEADERS", CONFIG_TEXT, "", 0, 0,
                             "headers for the collector: NAME=VALUE, separated by commas, values percent-encoded"},
    [CONFIG_OTEL_SERVICE_NAME] = {"OTEL_SERVICE_NAME", CONFIG_TEXT, "agent-trace", 0, 0, "service.name of those spans"},
    [CONFIG_OTEL_SAMPLER_ARG] = {"OTEL_TRACES_SAMPLER_ARG", CONFIG_TEXT, "1", 0, 0,
                                 "share of the traces that begin here and are sent, from 0 to 1"},
    [CONFIG_WORKERS] =
        {"TRACE_WORKERS", CONFIG_NUMBER, "24", 1, 256,
         "worker processes of each FastCGI program; each holds one database connection once it is needed"},
    [CONFIG_INGEST_WORKERS] = {"TRACE_INGEST_WORKERS", CONFIG_NUMBER, "4", 1, 256,
                               "worker processes of ingest-api, each of up to 256 MiB while it reads a large body"},
    [CONFIG_PUSHERS] = {"TRACE_PUSHERS", CONFIG_NUMBER, "1", 1, 64,
                        "pusher processes; writers send their hints to each of them"},
    [CONFIG_PUBLIC_URL] =
        {"TRACE_PUBLIC_URL", CONFIG_TEXT, "", 0, 0,
         "scheme and host that browsers see; empty: the request's Host; with https cookies are Secure"},
    [CONFIG_CORS_ORIGINS] =
        {"TRACE_CORS_ORIGINS", CONFIG_TEXT, "", 0, 0,
         "origins whose pages may use the API with a bearer token, separated by commas; empty: none"},
    [CONFIG_BUILD] = {"TRACE_BUILD", CONFIG_TEXT, "", 0, 0,
                      "name of the installed web UI; open pages offer a reload when it changes; empty: the version"},
    [CONFIG_LOGIN_DAYS] = {"TRACE_LOGIN_DAYS", CONFIG_NUMBER, "30", 1, 365, "days until a browser must sign in again"},
    [CONFIG_PASSWORDS] = {"TRACE_PASSWORDS", CONFIG_NUMBER, "1", 0, 1,
                          "0: people sign in by the identity provider alone"},
    [CONFIG_OIDC_ISSUER] =
        {"TRACE_OIDC_ISSUER", CONFIG_TEXT, "", 0, 0,
         "address of the identity provider (OpenID Connect) that people may sign in by; empty: none"},
    [CONFIG_OIDC_CLIENT_ID] =
        {"TRACE_OIDC_CLIENT_ID", CONFIG_TEXT, "", 0, 0,
         "this server's name at the identity provider; it returns to TRACE_PUBLIC_URL/login/callback"},
    [CONFIG_OIDC_CLIENT_SECRET] = {"TRACE_OIDC_CLIENT_SECRET", CONFIG_TEXT, "", 0, 0,
                                   "this server's secret at the identity provider; empty: it has none there"},
    [CONFIG_OIDC_LABEL] = {"TRACE_OIDC_LABEL", CONFIG_TEXT, "single sign-on", 0, 0,
                           "what the sign-in page calls the identity provider: Continue with LABEL"},
    [CONFIG_OIDC_DOMAINS] = {"TRACE_OIDC_DOMAINS", CONFIG_TEXT, "", 0, 0,
                             "domains, separated by commas, of addresses that make an account at the first sign-in; "
                             "DOMAIN=WORKSPACE says where, otherwise in the oldest workspace; empty: nobody new"},
    [CONFIG_BUDGET_REQUESTS] =
        {"TRACE_BUDGET_REQUESTS", CONFIG_NUMBER, "200", 0, INT64_C(1) << 40,
         "requests a second that a person or, reading, a token may make; ten minutes' worth may come at once; 0: any"},
    [CONFIG_BUDGET_STEPS] = {"TRACE_BUDGET_STEPS", CONFIG_NUMBER, "40000", 0, INT64_C(1) << 40,
                             "steps a second that a token may write, in the same way; 0: any"},
    [CONFIG_BUDGET_BYTES] = {"TRACE_BUDGET_BYTES", CONFIG_NUMBER, "67108864", 0, INT64_C(1) << 40,
                             "bytes a second of what it writes, in the same way; 0: any"},
    [CONFIG_HEARTBEAT_TIMEOUT] = {"TRACE_HEARTBEAT_TIMEOUT", CONFIG_NUMBER, "60", 1, 86400,
                                  "seconds of silence after which a running session has failed"},
    [CONFIG_PENDING_TIMEOUT] = {"TRACE_PENDING_TIMEOUT", CONFIG_NUMBER, "300", 1, 86400,
                                "seconds after which a session that nobody claimed has failed"},
    [CONFIG_SWEEP_INTERVAL] = {"TRACE_SWEEP_INTERVAL", CONFIG_NUMBER, "15", 1, 3600,
                               "seconds between two looks for such sessions"},
    [CONFIG_WEBHOOKS_PRIVATE] = {"TRACE_WEBHOOKS_PRIVATE", CONFIG_NUMBER, "0", 0, 1,
                                 "1: webhooks may have private addresses, such as those of this machine; 0: they are "
                                 "refused"},
    [CONFIG_END_DELAY] = {"TRACE_END_DELAY", CONFIG_NUMBER, "120", 0, 86400,
                          "seconds after the last event until the stream of a session ends that may still take steps"},
    [CONFIG_PUSHER_CONNECTIONS] = {"TRACE_PUSHER_CONNECTIONS", CONFIG_NUMBER, "16000", 1, 1000000,
                                   "open event streams of one pusher"},
    [CONFIG_PUSHER_STREAMS_PERSON] = {"TRACE_PUSHER_STREAMS_PERSON", CONFIG_NUMBER, "64", 1, 1000000,
                                      "open event streams that one person may have at one pusher"},
    [CONFIG_PUSHER_STREAMS_TOKEN] = {"TRACE_PUSHER_STREAMS_TOKEN", CONFIG_NUMBER, "4096", 1, 1000000,
                                     "open event streams that one token may have at one pusher"},
    [CONFIG_PUSHER_STREAMS_ADDRESS] = {"TRACE_PUSHER_STREAMS_ADDRESS", CONFIG_NUMBER, "4096", 1, 1000000,
                                       "open event streams at one pusher from one address, or IPv6 network of 64 bits"},
    [CONFIG_PUSHER_ROOMS] = {"TRACE_PUSHER_ROOMS", CONFIG_NUMBER, "100000", 1, 10000000,
                             "rooms that one pusher keeps in memory"},
    [CONFIG_PUSHER_QUEUE_BYTES] = {"TRACE_PUSHER_QUEUE_BYTES", CONFIG_NUMBER, "262144", 4096, 1 << 30,
                                   "bytes waiting for a slow reader before it is refilled from the database instead"},
    [CONFIG_PUSHER_RING_EVENTS] = {"TRACE_PUSHER_RING_EVENTS", CONFIG_NUMBER, "256", 1, 65536,
                                   "recent events a room keeps for reconnecting readers"},
    [CONFIG_PUSHER_RING_BYTES] = {"TRACE_PUSHER_RING_BYTES", CONFIG_NUMBER, "268435456", 65536, INT64_C(1) << 40,
                                  "bytes of such events in all rooms together"},
    [CONFIG_PUSHER_TEXT_BYTES] = {"TRACE_PUSHER_TEXT_BYTES", CONFIG_NUMBER, "134217728", 65536, INT64_C(1) << 40,
                                  "bytes of text being written that are kept for late openers"},
    [CONFIG_PUSHER_LIFETIME] =
        {"TRACE_PUSHER_LIFETIME", CONFIG_NUMBER, "3600", 1, 86400,
         "seconds a stream may last, up to a quarter less by chance; browsers reconnect by themselves"},
    [CONFIG_PUSHER_PING] = {"TRACE_PUSHER_PING", CONFIG_NUMBER, "15", 1, 3600, "seconds between two pings of a stream"},
    [CONFIG_PUSHER_DRAIN] = {"TRACE_PUSHER_DRAIN", CONFIG_NUMBER, "3", 0, 300,
                             "seconds over which the streams end at SIGTERM"},
    [CONFIG_PUSHER_CHECK] = {"TRACE_PUSHER_CHECK", CONFIG_NUMBER, "3", 1, 3600,
                             "seconds between two comparisons of the rooms' counters with the database"},
    [CONFIG_RELAY_DIR] = {"TRACE_RELAY_DIR", CONFIG_TEXT, "", 0, 0,
                          "directory of trace-relay's sockets; empty: there is one machine and no relay"},
    [CONFIG_RELAY_USER] = {"TRACE_RELAY_USER", CONFIG_TEXT, "", 0, 0,
                           "user whose programs trace-relay serves; empty: its own"},
    [CONFIG_NATS_URL] = {"TRACE_NATS_URL", CONFIG_TEXT, "", 0, 0,
                         "NATS servers of trace-relay, separated by commas, with user and password in the URL"},
    [CONFIG_NATS_CA] = {"TRACE_NATS_CA", CONFIG_TEXT, "", 0, 0,
                        "file of the authorities that NATS servers are checked against; makes TLS obligatory"},
    [CONFIG_NAMESPACE] = {"TRACE_NAMESPACE", CONFIG_TEXT, "default", 0, 0,
                          "word that tells installations on the same NATS servers apart"},
    [CONFIG_BUS_KEY] = {"TRACE_BUS_KEY", CONFIG_TEXT, "", 0, 0,
                        "secret of all relays, at least 32 characters, that seals their messages"},
};

static struct config_value values[CONFIG__MAX];

void config_init(const char *program)
{
    if (config_table_read(program, keys, CONFIG__MAX, values) != 0)
        exit(2);
    log_init(program, (enum log_level)config_number(CONFIG_LOG_LEVEL));
}

const char *config_text(enum config_key key)
{
    assert(values[key].text);
    return values[key].text;
}

int64_t config_number(enum config_key key)
{
    assert(values[key].text && keys[key].kind != CONFIG_TEXT);
    return values[key].number;
}

static const char *socket_in(enum config_key directory, char path[static UNIX_SOCKET_PATH_SIZE], const char *name)
{
    int n = snprintf(path, UNIX_SOCKET_PATH_SIZE, "%s/%s", config_text(directory), name);
    if (n < 0 || n >= UNIX_SOCKET_PATH_SIZE) {
        fprintf(stderr, "%s is too long for a Unix socket: %s\n", keys[directory].name, config_text(directory));
        exit(2);
    }
    return path;
}

const char *config_socket(char path[static UNIX_SOCKET_PATH_SIZE], const char *name)
{
    return socket_in(CONFIG_SOCKET_DIR, path, name);
}

const char *config_relay_socket(char path[static UNIX_SOCKET_PATH_SIZE], const char *name)
{
    return socket_in(CONFIG_RELAY_DIR, path, name);
}

void config_print(FILE *out)
{
    config_table_print(keys, CONFIG__MAX, out);
}
