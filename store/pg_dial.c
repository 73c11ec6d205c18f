// SPDX-License-Identifier: Apache-2.0
#include "store/pg_dial.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/lookup.h"
#include "store/pg_options.h"

// The parameters that we set; behind them stand the others of the URL.
enum parameter { SERVER_NAME, SERVER_ADDRESS, SERVER_PORT, SETTINGS, APPLICATION, OURS };
static const char *const our_keys[OURS] = {"host", "hostaddr", "port", "options", "fallback_application_name"};

struct pg_dial {
    PQconninfoOption *parsed; // NULL: the URL cannot be parsed
    char *url;
    char *options;
    const char **keys; // of libpq's parameters, with a NULL behind them
    const char **values;
    struct pg_host *hosts;
    struct buf *addresses; // parallel to the hosts: what their names last meant, each with a NUL behind it
    int hosts_n;
    int at;             // the host whose turn it is
    int tried;          // hosts of this round that will not do
    struct str untried; // addresses of this host that have not had their turn
    struct lookup lookup;
    PGconn *conn;
    PostgresPollingStatusType wanted; // by the connection
    int64_t until_ns;                 // the look-up or the attempt is given up then
    struct buf error;
};

static bool is_ours(const char *key)
{
    int i = 0;
    while (i < OURS && strcmp(our_keys[i], key) != 0)
        i++;
    return i < OURS;
}

static void set_parameters(struct pg_dial *dial, const char *application)
{
    int n = 0;
    dial->parsed = PQconninfoParse(dial->url, NULL);
    for (const PQconninfoOption *at = dial->parsed; at && at->keyword; at++)
        n++;
    dial->keys = mem_zero((size_t)(OURS + n + 2) * sizeof *dial->keys);
    dial->values = mem_zero((size_t)(OURS + n + 2) * sizeof *dial->values);
    for (n = 0; n < OURS; n++)
        dial->keys[n] = our_keys[n];
    dial->values[SETTINGS] = dial->options;
    dial->values[APPLICATION] = application;
    for (const PQconninfoOption *at = dial->parsed; at && at->keyword; at++) {
        if (!at->val || is_ours(at->keyword))
            continue;
        dial->keys[n] = at->keyword;
        dial->values[n++] = at->val;
    }
    // Then libpq, which reads it again, says what is wrong with it.
    if (!dial->parsed) {
        dial->keys[n] = "dbname";
        dial->values[n] = dial->url;
    }
}

struct pg_dial *pg_dial_new(const char *url, const char *application, const char *settings)
{
    struct pg_dial *dial = mem_zero(sizeof *dial);
    dial->url = mem_dup(str_from(url));
    dial->options = pg_options(url, settings);
    set_parameters(dial, application);
    dial->hosts = pg_options_hosts(url, &dial->hosts_n);
    dial->addresses = mem_zero((size_t)dial->hosts_n * sizeof *dial->addresses);
    return dial;
}

static void hang_up(struct pg_dial *dial)
{
    lookup_stop(&dial->lookup);
    PQfinish(dial->conn);
    dial->conn = NULL;
    dial->untried = STR_NONE;
}

void pg_dial_free(struct pg_dial *dial)
{
    if (!dial)
        return;
    hang_up(dial);
    for (int i = 0; i < dial->hosts_n; i++)
        buf_fini(&dial->addresses[i]);
    free(dial->addresses);
    pg_options_free_hosts(dial->hosts, dial->hosts_n);
    buf_fini(&dial->error);
    PQconninfoFree(dial->parsed);
    free(dial->keys);
    free(dial->values);
    free(dial->options);
    free(dial->url);
    free(dial);
}

static void wait_from(struct pg_dial *dial, int64_t now_ns)
{
    dial->until_ns = now_ns + (dial->hosts_n > 1 ? PG_DIAL_EACH_MS : PG_DIAL_ONLY_MS) * INT64_C(1000000);
}

static void note(struct pg_dial *dial, const char *why)
{
    const char *name = dial->hosts[dial->at].name;
    buf_clear(&dial->error);
    if (dial->hosts_n > 1 && name)
        buf_printf(&dial->error, "%s: ", name);
    buf_str(&dial->error, str_from(why));
    (void)buf_cstr(&dial->error); // the text before may have been longer
}

// Calls the host, at `address` if that is not NULL.
static void call(struct pg_dial *dial, const char *address, int64_t now_ns)
{
    const struct pg_host *host = &dial->hosts[dial->at];
    // libpq leaves out what is NULL.
    dial->values[SERVER_NAME] = host->name;
    dial->values[SERVER_ADDRESS] = address ? address : host->address;
    dial->values[SERVER_PORT] = host->port;
    dial->conn = PQconnectStartParams(dial->keys, dial->values, !dial->parsed);
    if (!dial->conn)
        abort();
    dial->wanted = PGRES_POLLING_WRITING;
    wait_from(dial, now_ns);
}

// Calls the next address of the host whose name is known. False: there is none left.
static bool call_next_address(struct pg_dial *dial, int64_t now_ns)
{
    if (!dial->untried.n)
        return false;
    const char *address = dial->untried.p;
    (void)str_cut(&dial->untried, '\0');
    call(dial, address, now_ns);
    return true;
}

// Without a child to look the name up libpq does it, and its caller waits.
static void begin_host(struct pg_dial *dial, int64_t now_ns)
{
    const struct pg_host *host = &dial->hosts[dial->at];
    if (host->is_looked_up && lookup_start(&dial->lookup, host->name) == 0)
        wait_from(dial, now_ns);
    else
        call(dial, NULL, now_ns);
}

void pg_dial_start(struct pg_dial *dial, int64_t now_ns)
{
    hang_up(dial);
    dial->tried = 0;
    begin_host(dial, now_ns);
}

// What is tried now will not do. False: all hosts had their turn.
static bool go_on(struct pg_dial *dial, int64_t now_ns)
{
    PQfinish(dial->conn);
    dial->conn = NULL;
    if (call_next_address(dial, now_ns))
        return true;
    hang_up(dial);
    dial->at = (dial->at + 1) % dial->hosts_n;
    if (++dial->tried >= dial->hosts_n)
        return false;
    begin_host(dial, now_ns);
    return true;
}

// The look-up has answered or is given up. What the name meant before is better than nothing.
static bool looked_up(struct pg_dial *dial, bool is_late, int64_t now_ns)
{
    struct buf *known = &dial->addresses[dial->at];
    struct buf found = {0};
    if (!is_late && lookup_take(&dial->lookup, &found) > 0) {
        buf_fini(known);
        *known = found;
    } else {
        lookup_stop(&dial->lookup);
        buf_fini(&found);
    }
    dial->untried = buf_view(known);
    if (!known->n)
        note(dial, is_late ? "its name was not looked up in time" : "its name could not be looked up");
    return go_on(dial, now_ns);
}

static bool is_ready(const struct pg_dial *dial)
{
    struct pollfd ready = {pg_dial_fd(dial), pg_dial_events(dial), 0};
    return ready.fd < 0 || poll(&ready, 1, 0) > 0;
}

// What the connection has come to; PGRES_POLLING_FAILED has been noted.
static PostgresPollingStatusType advance(struct pg_dial *dial, int64_t now_ns)
{
    if (PQstatus(dial->conn) != CONNECTION_BAD && is_ready(dial))
        dial->wanted = PQconnectPoll(dial->conn);
    if (PQstatus(dial->conn) == CONNECTION_BAD || dial->wanted == PGRES_POLLING_FAILED) {
        note(dial, PQerrorMessage(dial->conn));
        return PGRES_POLLING_FAILED;
    }
    if (dial->wanted != PGRES_POLLING_OK && now_ns >= dial->until_ns) {
        note(dial, "it does not answer");
        return PGRES_POLLING_FAILED;
    }
    return dial->wanted;
}

enum pg_dial_state pg_dial_step(struct pg_dial *dial, int64_t now_ns)
{
    if (dial->lookup.process) {
        bool is_late = now_ns >= dial->until_ns;
        if (!is_late && !is_ready(dial))
            return PG_DIAL_WAITS;
        return looked_up(dial, is_late, now_ns) ? PG_DIAL_WAITS : PG_DIAL_FAILED;
    }
    switch (advance(dial, now_ns)) {
    case PGRES_POLLING_OK:
        return PG_DIAL_DONE;
    case PGRES_POLLING_FAILED:
        return go_on(dial, now_ns) ? PG_DIAL_WAITS : PG_DIAL_FAILED;
    case PGRES_POLLING_READING:
    case PGRES_POLLING_WRITING:
    case PGRES_POLLING_ACTIVE:
        break;
    }
    return PG_DIAL_WAITS;
}

int pg_dial_fd(const struct pg_dial *dial)
{
    return dial->lookup.process ? dial->lookup.fd : PQsocket(dial->conn);
}

short pg_dial_events(const struct pg_dial *dial)
{
    return dial->lookup.process || dial->wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
}

int64_t pg_dial_until_ns(const struct pg_dial *dial)
{
    return dial->until_ns;
}

PGconn *pg_dial_take(struct pg_dial *dial)
{
    PGconn *conn = dial->conn;
    dial->conn = NULL;
    hang_up(dial);
    return conn;
}

void pg_dial_lost(struct pg_dial *dial)
{
    dial->at = (dial->at + 1) % dial->hosts_n;
}

const char *pg_dial_error(const struct pg_dial *dial)
{
    return dial->error.n ? dial->error.p : "";
}
