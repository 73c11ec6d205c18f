#include "lib/pg_options.h"

#include <libpq-fe.h>
#include "lib/buf.h"

static const char *options_of(const PQconninfoOption *parsed)
{
    for (const PQconninfoOption *at = parsed; at && at->keyword; at++)
        if (str_eq(str_from(at->keyword), STR("options")))
            return at->val;
    return NULL;
}

char *pg_options(const char *url, const char *ours)
{
    struct buf both = {0};
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);
    const char *theirs = options_of(parsed);
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
