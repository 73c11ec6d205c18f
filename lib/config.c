#include "lib/config.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "lib/buf.h"
#include "lib/log.h"

enum kind { TEXT, NUMBER, LEVEL };

static const struct key {
    const char *name;
    enum kind kind;
    const char *fallback; // NULL: must be given
    int64_t least, most;  // of a NUMBER
    const char *help;
} keys[CONFIG__MAX] = {
    [CONFIG_DATABASE_URL] = {"TRACE_DATABASE_URL", TEXT, NULL, 0, 0, "PostgreSQL connection URL of the programs' role"},
    [CONFIG_SOCKET_DIR] = {"TRACE_SOCKET_DIR", TEXT, "/run/agent-trace", 0, 0,
                           "directory of the Unix sockets between nginx and the programs"},
    [CONFIG_LOG_LEVEL] = {"TRACE_LOG_LEVEL", LEVEL, "info", 0, 0, "debug, info, warning or error"},
    [CONFIG_WORKERS] =
        {"TRACE_WORKERS", NUMBER, "24", 1, 256,
         "worker processes of each FastCGI program; each holds one database connection once it is needed"},
    [CONFIG_PUSHERS] = {"TRACE_PUSHERS", NUMBER, "1", 1, 64,
                        "pusher processes; writers send their hints to each of them"},
    [CONFIG_PUBLIC_URL] =
        {"TRACE_PUBLIC_URL", TEXT, "", 0, 0,
         "scheme and host that browsers see; empty: the request's Host; with https cookies are Secure"},
    [CONFIG_BUILD] = {"TRACE_BUILD", TEXT, "dev", 0, 0,
                      "name of the installed web UI; open pages offer a reload when it changes"},
    [CONFIG_LOGIN_DAYS] = {"TRACE_LOGIN_DAYS", NUMBER, "30", 1, 365, "days until a browser must sign in again"},
    [CONFIG_HEARTBEAT_TIMEOUT] = {"TRACE_HEARTBEAT_TIMEOUT", NUMBER, "60", 1, 86400,
                                  "seconds of silence after which a running session has failed"},
    [CONFIG_PENDING_TIMEOUT] = {"TRACE_PENDING_TIMEOUT", NUMBER, "300", 1, 86400,
                                "seconds after which a session that nobody claimed has failed"},
    [CONFIG_SWEEP_INTERVAL] = {"TRACE_SWEEP_INTERVAL", NUMBER, "15", 1, 3600,
                               "seconds between two looks for such sessions"},
    [CONFIG_PUSHER_CONNECTIONS] = {"TRACE_PUSHER_CONNECTIONS", NUMBER, "16000", 1, 1000000,
                                   "open event streams of one pusher"},
    [CONFIG_PUSHER_ROOMS] = {"TRACE_PUSHER_ROOMS", NUMBER, "100000", 1, 10000000,
                             "rooms that one pusher keeps in memory"},
    [CONFIG_PUSHER_QUEUE_BYTES] = {"TRACE_PUSHER_QUEUE_BYTES", NUMBER, "262144", 4096, 1 << 30,
                                   "bytes waiting for a slow reader before it is refilled from the database instead"},
    [CONFIG_PUSHER_RING_EVENTS] = {"TRACE_PUSHER_RING_EVENTS", NUMBER, "256", 1, 65536,
                                   "recent events a room keeps for reconnecting readers"},
    [CONFIG_PUSHER_RING_BYTES] = {"TRACE_PUSHER_RING_BYTES", NUMBER, "268435456", 65536, INT64_C(1) << 40,
                                  "bytes of such events in all rooms together"},
    [CONFIG_PUSHER_TEXT_BYTES] = {"TRACE_PUSHER_TEXT_BYTES", NUMBER, "134217728", 65536, INT64_C(1) << 40,
                                  "bytes of text being written that are kept for late openers"},
    [CONFIG_PUSHER_LIFETIME] =
        {"TRACE_PUSHER_LIFETIME", NUMBER, "3600", 1, 86400,
         "seconds a stream may last, up to a quarter less by chance; browsers reconnect by themselves"},
    [CONFIG_PUSHER_PING] = {"TRACE_PUSHER_PING", NUMBER, "15", 1, 3600, "seconds between two pings of a stream"},
    [CONFIG_PUSHER_DRAIN] = {"TRACE_PUSHER_DRAIN", NUMBER, "3", 0, 300,
                             "seconds over which the streams end at SIGTERM"},
    [CONFIG_PUSHER_CHECK] = {"TRACE_PUSHER_CHECK", NUMBER, "3", 1, 3600,
                             "seconds between two comparisons of the rooms' counters with the database"},
};

static struct {
    const char *text;
    int64_t number;
} values[CONFIG__MAX];

// 0, or -1 after saying what is wrong.
static int take(enum config_key key, const char *program)
{
    const struct key *k = &keys[key];
    const char *text = getenv(k->name);
    if (!text)
        text = k->fallback;
    if (!text) {
        fprintf(stderr, "%s: %s is not set: %s\n", program, k->name, k->help);
        return -1;
    }
    values[key].text = text;
    if (k->kind == NUMBER && (str_to_i64(str_from(text), &values[key].number) || values[key].number < k->least ||
                              values[key].number > k->most)) {
        fprintf(stderr, "%s: %s must be a whole number from %lld to %lld, not \"%s\"\n", program, k->name,
                (long long)k->least, (long long)k->most, text);
        return -1;
    }
    if (k->kind == LEVEL) {
        values[key].number = log_level_named(text);
        if (values[key].number < 0) {
            fprintf(stderr, "%s: %s must be debug, info, warning or error, not \"%s\"\n", program, k->name, text);
            return -1;
        }
    }
    return 0;
}

void config_init(const char *program)
{
    bool wrong = false;
    for (int key = 0; key < CONFIG__MAX; key++)
        wrong |= take((enum config_key)key, program) != 0;
    if (wrong)
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
    assert(values[key].text && keys[key].kind != TEXT);
    return values[key].number;
}

const char *config_socket(char path[static 108], const char *name)
{
    int n = snprintf(path, 108, "%s/%s", config_text(CONFIG_SOCKET_DIR), name);
    if (n < 0 || n >= 108) {
        fprintf(stderr, "TRACE_SOCKET_DIR is too long for a Unix socket: %s\n", config_text(CONFIG_SOCKET_DIR));
        exit(2);
    }
    return path;
}

void config_print(FILE *out)
{
    for (int i = 0; i < CONFIG__MAX; i++)
        fprintf(out, "# %s\n%s%s=%s\n\n", keys[i].help, keys[i].fallback ? "#" : "", keys[i].name,
                keys[i].fallback ? keys[i].fallback : "");
}
