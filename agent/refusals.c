// SPDX-License-Identifier: Apache-2.0
#include "agent/refusals.h"

#include <assert.h>
#include <string.h>

static size_t find(const struct refusals *refusals, const char *session_id)
{
    size_t i = 0;
    while (i < REFUSALS_MAX && strcmp(refusals->list[i].id, session_id) != 0)
        i++;
    return i;
}

bool refusals_note(struct refusals *refusals, const char *session_id)
{
    size_t n = strlen(session_id), at = find(refusals, session_id);
    bool is_news = at == REFUSALS_MAX;
    assert(n > 0 && n < TRACE_ID_SIZE);
    if (is_news) {
        at = refusals->next;
        refusals->next = (at + 1) % REFUSALS_MAX;
        memcpy(refusals->list[at].id, session_id, n + 1);
    }
    refusals->list[at].stands = true;
    return is_news;
}

bool refusals_stand(const struct refusals *refusals, const char *session_id)
{
    size_t at = find(refusals, session_id);
    return at < REFUSALS_MAX && refusals->list[at].stands;
}

void refusals_lapse(struct refusals *refusals)
{
    for (size_t i = 0; i < REFUSALS_MAX; i++)
        refusals->list[i].stands = false;
}
