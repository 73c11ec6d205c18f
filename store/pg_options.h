// SPDX-License-Identifier: Apache-2.0
// What the URL of the connection says: the settings that a connection begins with, and the hosts. Our own settings come
// first and those of the URL behind them, because libpq would otherwise replace the URL's by ours.
#ifndef STORE_PG_OPTIONS_H
#define STORE_PG_OPTIONS_H

#include <stdbool.h>

// What our statements and functions rely on, whatever the server, the database or the role is set to.
#define PG_OPTIONS_RELIED_ON                                                                                           \
    "-c client_encoding=UTF8 -c standard_conforming_strings=on -c DateStyle=ISO,YMD -c IntervalStyle=postgres"         \
    " -c TimeZone=UTC -c extra_float_digits=1 -c bytea_output=hex -c transform_null_equals=off"                        \
    " -c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off -c array_nulls=on"

// The value of libpq's keyword "options", "-c name=value …", in which the last setting of a name counts: ours, those of
// the URL, and at last PG_OPTIONS_RELIED_ON. The caller frees it. `url` is TRACE_DATABASE_URL; if it cannot be parsed
// the options are ours alone, and libpq says why when it connects.
char *pg_options(const char *url, const char *ours);

// A server that the URL names. What the URL does not say is NULL, and libpq has its own idea of it.
struct pg_host {
    char *name;    // a host name, an address or the directory of a socket; it is what a certificate is checked against
    char *address; // from the URL's hostaddr
    char *port;
    bool is_looked_up; // only the name is known, and it is one that must be looked up
};

// The URL's servers in its order, *n of them; at least one, even if the URL cannot be parsed. The caller ends the array
// with pg_options_free_hosts().
struct pg_host *pg_options_hosts(const char *url, int *n);
void pg_options_free_hosts(struct pg_host *hosts, int n);

// Whether the URL names several servers and asks for the one that takes writes, so that another may take its place.
bool pg_options_finds_primary(const char *url);

#endif
