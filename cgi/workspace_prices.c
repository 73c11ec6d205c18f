// SPDX-License-Identifier: Apache-2.0
// What models cost: its members see which prices hold in a workspace, its admins enter and remove the workspace's own.
#include "cgi/workspace_routes.h"

#include <stdio.h>
#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "store/price.h"

enum { MODEL_MAX = 200 };
static const double PRICE_MAX_USD = 1e6;

static int list(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_price_list(r->worker->pg, &caller);
    return reply_send(r, &answer, NULL, false);
}

static int read_price(struct request *r, const char *field, enum presence presence, const char **decimal)
{
    const json_t *value = json_object_get(r->body, field);
    *decimal = NULL;
    if (presence == OPTIONAL && (!value || json_is_null(value)))
        return 0;
    double usd = json_number_value(value);
    if (!json_is_number(value) || !(usd >= 0 && usd <= PRICE_MAX_USD))
        return problem_body(r, field, "must be US dollars for a million tokens, from 0");
    char digits[40];
    // There is no -0 dollars.
    (void)snprintf(digits, sizeof digits, "%.12g", usd + 0.0);
    *decimal = request_keep(r, str_from(digits));
    return 0;
}

static int read_model(struct request *r, const char **model)
{
    struct str text;
    int status = body_text(r, r->body, "model", REQUIRED, 1, MODEL_MAX, &text);
    if (!status)
        *model = request_keep(r, text);
    return status;
}

// Consumes the answer, which is that of an admin's verb.
static int send_admin(struct request *r, struct store_answer *take_answer, const char *member)
{
    if (take_answer->outcome != STORE_FORBIDDEN)
        return reply_send(r, take_answer, member, false);
    store_answer_fini(take_answer);
    return problem(r, 403, "admin_only", "Only an admin of the workspace may do this.");
}

static int put(struct request *r)
{
    struct store_price price = {0};
    const char *seen;
    int status;
    if ((status = read_model(r, &price.model)) || (status = read_price(r, "inputUsd", REQUIRED, &price.input_usd)) ||
        (status = read_price(r, "outputUsd", REQUIRED, &price.output_usd)) ||
        (status = read_price(r, "cacheReadUsd", OPTIONAL, &price.cache_read_usd)) ||
        (status = read_price(r, "cacheWriteUsd", OPTIONAL, &price.cache_write_usd)) || (status = body_was(r, &seen)))
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_price_put(r->worker->pg, &caller, &price, seen);
    return send_admin(r, &answer, "price");
}

static int delete (struct request *r)
{
    const char *model, *seen;
    int status = read_model(r, &model);
    if (!status)
        status = body_was(r, &seen);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_price_delete(r->worker->pg, &caller, model, seen);
    return send_admin(r, &answer, NULL);
}

const struct route price_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/prices", AUTH_KNOWN, BODY_NONE, list},
    {METHOD_PUT, "/api/workspaces/{ws}/prices", AUTH_PERSON, BODY_EXACT, put},
    {METHOD_DELETE, "/api/workspaces/{ws}/prices", AUTH_PERSON, BODY_EXACT, delete},
    {0},
};
