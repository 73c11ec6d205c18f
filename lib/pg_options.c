#include "lib/pg_options.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include "lib/buf.h"

static const char *value_of(const PQconninfoOption *parsed, struct str key)
{
    for (const PQconninfoOption *at = parsed; at && at->keyword; at++)
        if (str_eq(str_from(at->keyword), key))
            return at->val;
    return NULL;
}

char *pg_options(const char *url, const char *ours)
{
    struct buf both = {0};
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);
    const char *theirs = value_of(parsed, STR("options"));
    buf_str(&both, str_from(ours));
    if (theirs) {
        buf_char(&both, ' ');
        buf_str(&both, str_from(theirs));
    }
    PQconninfoFree(parsed);
    char *options = mem_dup(buf_view(&both));
    buf_fini(&both);
    return options;
}

static bool is_looked_up(const char *host)
{
    struct in_addr address;
    bool is_socket = host[0] == '/' || host[0] == '@' || host[0] == '\0';
    return !is_socket && !strchr(host, ':') && strcmp(host, "localhost") != 0 &&
           inet_pton(AF_INET, host, &address) != 1;
}

char *pg_options_host_name(const char *url)
{
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);
    struct str hosts = str_from(value_of(parsed, STR("hostaddr")) ? NULL : value_of(parsed, STR("host")));
    char *name = NULL;
    while (hosts.n && !name) {
        name = mem_dup(str_cut(&hosts, ','));
        if (!is_looked_up(name)) {
            free(name);
            name = NULL;
        }
    }
    PQconninfoFree(parsed);
    return name;
}
