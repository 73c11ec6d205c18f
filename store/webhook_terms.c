// SPDX-License-Identifier: Apache-2.0
#include "store/webhook_terms.h"

#include <strings.h>
#include "base/base64.h"
#include "base/id.h"

enum { KEY_BYTES = 32 };

#define EVENTS "session.completed,session.failed,session.decision_needed"

const char *webhook_terms_events(void)
{
    return EVENTS;
}

bool webhook_terms_is_event(struct str text)
{
    struct str rest = STR(EVENTS);
    while (rest.p)
        if (str_eq(str_cut(&rest, ','), text))
            return true;
    return false;
}

bool webhook_terms_is_url(struct str text)
{
    size_t scheme = text.n > 7 && strncasecmp(text.p, "http://", 7) == 0    ? 7
                    : text.n > 8 && strncasecmp(text.p, "https://", 8) == 0 ? 8
                                                                            : 0;
    if (!scheme || text.n > WEBHOOK_URL_MAX || strchr("/?:@", text.p[scheme]))
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~' || strchr("\"<>\\^`{|}#", text.p[i]))
            return false;
    return true;
}

void webhook_terms_secret(struct buf *secret)
{
    char key[KEY_BYTES];
    id_random(key, sizeof key);
    buf_lit(secret, "whsec_");
    base64_encode(secret, (struct str){key, sizeof key});
}
