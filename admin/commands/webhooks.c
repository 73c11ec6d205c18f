// SPDX-License-Identifier: Apache-2.0
// create-webhook, list-webhooks, remove-webhook. What is delivered, and by whom, is deliver.c.
#include <stdlib.h>
#include "admin/commands/command.h"
#include "store/webhook.h"
#include "store/webhook_terms.h"

// The events as an array literal; every one is known, so that nothing needs to be escaped.
static int read_events(const struct admin *admin, struct buf *literal)
{
    const char *wanted = admin->options.values[OPTION_EVENT];
    struct str rest = str_from(wanted ? wanted : webhook_terms_events());
    buf_char(literal, '{');
    for (bool first = true; rest.p; first = false) {
        struct str event = str_cut(&rest, ',');
        if (!webhook_terms_is_event(event))
            return admin_wrong(admin, "there is no event \"%.*s\"; there are %s", (int)event.n, event.p,
                               webhook_terms_events());
        if (!first)
            buf_char(literal, ',');
        buf_str(literal, event);
    }
    buf_char(literal, '}');
    return ADMIN_OK;
}

int command_create_webhook(struct admin *admin)
{
    const char *const *values = admin->options.values;
    struct buf events = {0}, secret = {0};
    char *workspace = NULL;
    int status = read_events(admin, &events);
    if (status == ADMIN_OK && !webhook_terms_is_url(str_from(values[OPTION_URL])))
        status = admin_wrong(admin, "--url takes an http or https address of at most %d bytes", WEBHOOK_URL_MAX);
    if (status == ADMIN_OK)
        status = admin_workspace(admin, &workspace);
    if (status)
        goto out;
    webhook_terms_secret(&secret);
    struct store_webhook webhook = {
        .url = values[OPTION_URL], .events = buf_cstr(&events), .secret = buf_cstr(&secret)};
    status =
        admin_tell(admin, "webhook",
                   store_webhook_admin_create(admin->pg, workspace, values[OPTION_USER], &webhook, admin_actor(admin)),
                   "member of the workspace", "");
out:
    free(workspace);
    buf_fini(&events);
    buf_fini(&secret);
    return status;
}

int command_list_webhooks(struct admin *admin)
{
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = admin_tell_list(admin, "webhooks", store_webhook_admin_list(admin->pg, workspace));
    free(workspace);
    return status;
}

int command_remove_webhook(struct admin *admin)
{
    return admin_tell(admin, "webhook",
                      store_webhook_admin_remove(admin->pg, admin->options.argument, admin_actor(admin)),
                      "webhook (list-webhooks tells the ids)", "");
}
