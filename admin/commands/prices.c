// SPDX-License-Identifier: Apache-2.0
// prices: what models cost. Without --workspace the prices that all workspaces share; a workspace's own win. A new
// price changes no cost of before, unless costs are recomputed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/commands/command.h"
#include "admin/commands/installed.h"
#include "admin/commands/prices_file.h"
#include "store/price.h"

static const char *option(const struct admin *admin, enum option which)
{
    return admin->options.values[which];
}

static int list(struct admin *admin, const char *workspace)
{
    return admin_tell_list(admin, "prices", store_price_table(admin->pg, workspace));
}

static bool is_price(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    return whole > 0 && whole <= 6 && *rest == '\0' && strlen(text) <= 20;
}

static int set(struct admin *admin, const char *workspace)
{
    const struct store_price price = {option(admin, OPTION_MODEL), option(admin, OPTION_INPUT),
                                      option(admin, OPTION_OUTPUT), option(admin, OPTION_CACHE_READ),
                                      option(admin, OPTION_CACHE_WRITE)};
    const char *const given[] = {price.input_usd, price.output_usd, price.cache_read_usd, price.cache_write_usd};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (given[i] && !is_price(given[i]))
            return admin_wrong(admin, "\"%s\" is no price: US dollars for a million tokens, such as 2.5", given[i]);
    return admin_tell(admin, "price", store_price_set(admin->pg, workspace, &price, admin_actor(admin)), "", "");
}

static int remove_price(struct admin *admin, const char *workspace)
{
    return admin_tell(admin, "price",
                      store_price_remove(admin->pg, workspace, option(admin, OPTION_MODEL), admin_actor(admin)),
                      "price", "");
}

static int import(struct admin *admin, const char *workspace)
{
    struct buf prices = {0}, shipped = {0};
    installed_path(&shipped, "prices/prices.json");
    const char *path = option(admin, OPTION_FILE) ? option(admin, OPTION_FILE) : buf_cstr(&shipped);
    int64_t count = 0, written = 0;
    int status = prices_file_read(admin, path, &prices, &count);
    if (status == ADMIN_OK)
        status = admin_outcome(
            admin, store_price_import(admin->pg, workspace, buf_cstr(&prices), admin_actor(admin), &written), "", "");
    if (status == ADMIN_OK)
        printf(options_has(&admin->options, OPTION_JSON) ? "{\"import\":{\"written\":%lld,\"unchanged\":%lld}}\n"
                                                         : "%lld prices written, %lld left as they were\n",
               (long long)written, (long long)(count - written));
    buf_fini(&prices);
    buf_fini(&shipped);
    return status;
}

struct recomputed {
    int64_t sessions, steps;
    char *last; // the id up to which everything is done
};

static enum store_outcome recompute_found(struct admin *admin, const struct store_answer *found,
                                          struct recomputed *done)
{
    for (int row = 0; row < store_answer_rows(found); row++) {
        int64_t changed = 0;
        free(done->last);
        done->last = mem_dup(store_price_used_id(found, row));
        enum store_outcome outcome = store_price_recompute(admin->pg, done->last, &changed);
        if (store_has_failed(outcome))
            return outcome;
        done->sessions += changed > 0;
        done->steps += changed;
    }
    return STORE_OK;
}

// One session a transaction, so that it can run beside everything else and be interrupted at any time.
static int recompute(struct admin *admin, const char *workspace)
{
    struct recomputed done = {.last = mem_dup(STR(""))};
    enum store_outcome outcome = STORE_OK;
    while (outcome == STORE_OK) {
        struct store_answer found = store_price_used(admin->pg, workspace, done.last);
        outcome = found.outcome;
        if (outcome == STORE_OK)
            outcome = recompute_found(admin, &found, &done);
        store_answer_fini(&found);
    }
    int status = admin_outcome(admin, outcome == STORE_NOT_FOUND ? STORE_OK : outcome, "", "");
    if (status == ADMIN_OK)
        printf(options_has(&admin->options, OPTION_JSON) ? "{\"recomputed\":{\"sessions\":%lld,\"steps\":%lld}}\n"
                                                         : "%lld sessions have another cost now, by %lld steps\n",
               (long long)done.sessions, (long long)done.steps);
    free(done.last);
    return status;
}

static const struct action {
    const char *name;
    uint64_t required, optional;
    int (*run)(struct admin *admin, const char *workspace);
} actions[] = {
    {"list", 0, 0, list},
    {"set", OPTION(MODEL) | OPTION(INPUT) | OPTION(OUTPUT), OPTION(CACHE_READ) | OPTION(CACHE_WRITE), set},
    {"remove", OPTION(MODEL), 0, remove_price},
    {"import", 0, OPTION(FILE), import},
    {"recompute", 0, 0, recompute},
};

int command_prices(struct admin *admin)
{
    const struct action *action = NULL;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(actions[i].name, admin->options.argument) == 0)
            action = &actions[i];
    if (!action)
        return admin_wrong(admin, "what to do with prices is list, set, remove, import or recompute");
    int status = options_check(&admin->options, "prices", action->name, action->required,
                               action->required | action->optional | OPTION(WORKSPACE));
    if (status)
        return ADMIN_WRONG;
    char *workspace = NULL;
    status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = action->run(admin, workspace);
    free(workspace);
    return status;
}
