// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/scout.h"

#include <pthread.h>
#include <stdlib.h>

#include "agent/http.h"
#include "agent/mcp/toolbox.h"

struct scout {
    struct catalog *catalog;
    struct http *http;
    pthread_t thread;
};

static void *work(void *arg)
{
    struct scout *scout = arg;
    struct toolbox *toolbox = toolbox_new(scout->catalog, scout->http);
    toolbox_fill(toolbox);
    toolbox_free(toolbox);
    return NULL;
}

struct scout *scout_new(struct catalog *catalog)
{
    struct scout *scout = mem_zero(sizeof *scout);
    scout->catalog = catalog;
    scout->http = http_new();
    if (pthread_create(&scout->thread, NULL, work, scout) != 0)
        abort();
    return scout;
}

void scout_free(struct scout *scout)
{
    if (!scout)
        return;
    http_abort(scout->http);
    (void)pthread_join(scout->thread, NULL);
    http_free(scout->http);
    free(scout);
}
