// What the connection's URL says. The settings that a connection begins with: ours, and behind them those of the
// connection's URL, which libpq would else replace by ours.
#ifndef LIB_PG_OPTIONS_H
#define LIB_PG_OPTIONS_H

// Owned by the caller. `url` as in TRACE_DATABASE_URL; of one that cannot be parsed, ours alone: libpq says why when it
// connects. The form is that of libpq's keyword "options": "-c name=value …", where the last of a name counts.
char *pg_options(const char *url, const char *ours);

// The first host of the URL that has to be looked up, for which libpq waits even where it connects without waiting;
// NULL if there is none. Owned by the caller.
char *pg_options_host_name(const char *url);

#endif
