// SPDX-License-Identifier: Apache-2.0
#include "store/pg_options.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"

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
    buf_lit(&both, " " PG_OPTIONS_RELIED_ON);
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

static int elements(struct str list)
{
    int n = list.n > 0;
    for (size_t i = 0; i < list.n; i++)
        n += list.p[i] == ',';
    return n;
}

// The next element of a list that is parallel to the hosts. A list of one holds for all of them, as libpq has it for
// ports; an empty element is as good as none.
static char *next(struct str *list, bool is_for_all)
{
    struct str all = *list;
    struct str element = is_for_all ? all : str_cut(list, ',');
    return element.n ? mem_dup(element) : NULL;
}

struct pg_host *pg_options_hosts(const char *url, int *n)
{
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);
    struct str names = str_from(value_of(parsed, STR("host")));
    struct str addresses = str_from(value_of(parsed, STR("hostaddr")));
    struct str ports = str_from(value_of(parsed, STR("port")));
    bool is_one_port = elements(ports) == 1;
    *n = elements(addresses) > elements(names) ? elements(addresses) : elements(names);
    *n = *n ? *n : 1;
    struct pg_host *hosts = mem_zero((size_t)*n * sizeof *hosts);
    for (int i = 0; i < *n; i++) {
        struct pg_host *host = &hosts[i];
        host->name = next(&names, false);
        host->address = next(&addresses, false);
        host->port = next(&ports, is_one_port);
        host->is_looked_up = host->name && !host->address && is_looked_up(host->name);
    }
    PQconninfoFree(parsed);
    return hosts;
}

void pg_options_free_hosts(struct pg_host *hosts, int n)
{
    for (int i = 0; i < n; i++) {
        free(hosts[i].name);
        free(hosts[i].address);
        free(hosts[i].port);
    }
    free(hosts);
}

bool pg_options_finds_primary(const char *url)
{
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);
    const char *wanted = value_of(parsed, STR("target_session_attrs"));
    bool is_primary = wanted && (strcmp(wanted, "read-write") == 0 || strcmp(wanted, "primary") == 0);
    bool are_several = elements(str_from(value_of(parsed, STR("host")))) > 1 ||
                       elements(str_from(value_of(parsed, STR("hostaddr")))) > 1;
    PQconninfoFree(parsed);
    return is_primary && are_several;
}
