// SPDX-License-Identifier: Apache-2.0
#include "wire/socket.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

static const struct row {
    const char *before, *after;
    bool numbered;
} rows[SOCKET__MAX] = {
    [SOCKET_TRACE_API] = {"trace-api", ".sock", false},   [SOCKET_WORKSPACE_API] = {"workspace-api", ".sock", false},
    [SOCKET_INGEST_API] = {"ingest-api", ".sock", false}, [SOCKET_SIGN_IN] = {"sign-in", ".sock", false},
    [SOCKET_SPANS] = {"spans", ".sock", false},           [SOCKET_STREAMS] = {"pusher-", ".http", true},
    [SOCKET_HINTS] = {"pusher-", ".hint", true},          [SOCKET_HANDOFFS] = {"pusher-", ".handoff", true},
    [SOCKET_RELAY_HINTS] = {"relay", ".hint", false},     [SOCKET_RELAY_LINKS] = {"relay", ".link", false},
    [SOCKET_RELAY_HTTP] = {"relay", ".http", false},
};

const char *socket_name(char name[static SOCKET_NAME_SIZE], enum socket_kind kind, int number)
{
    const struct row *row = &rows[kind];
    assert(!row->numbered || (number >= 1 && number <= SOCKET_PUSHERS_MAX));
    int n = row->numbered ? snprintf(name, SOCKET_NAME_SIZE, "%s%d%s", row->before, number, row->after)
                          : snprintf(name, SOCKET_NAME_SIZE, "%s%s", row->before, row->after);
    assert(n > 0 && n < SOCKET_NAME_SIZE);
    return name;
}
