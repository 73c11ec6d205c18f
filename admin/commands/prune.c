// prune: deletes the steps of sessions that ended long ago, one session a transaction, so that it can run beside
// everything else and be interrupted at any time.
#include <stdio.h>
#include <stdlib.h>
#include "admin/commands/command.h"
#include "lib/pg_json.h"
#include "lib/store_prune.h"

static const int64_t AGE_MOST_S = INT64_C(100) * 365 * 86400;

// "90d", "36h", "15m" or "30s". 0, or -1.
static int read_age(const char *text, int64_t *seconds)
{
    static const struct unit {
        char letter;
        int64_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    size_t n = strlen(text);
    int64_t number;
    if (n < 2 || str_to_i64((struct str){text, n - 1}, &number))
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].letter == text[n - 1]) {
            *seconds = number > AGE_MOST_S / units[i].seconds ? AGE_MOST_S : number * units[i].seconds;
            return 0;
        }
    return -1;
}

struct pruned {
    int64_t sessions;
    int64_t steps;
    char *last; // the id up to which everything is done
};

static enum store_outcome prune_found(struct admin *admin, const PGresult *rows, struct pruned *pruned)
{
    for (int row = 0; row < pg_json_rows(rows); row++) {
        free(pruned->last);
        pruned->last = mem_dup(pg_str(rows, row, 0));
        int64_t steps = 0;
        enum store_outcome outcome = store_prune_session(admin->pg, pruned->last, &steps);
        if (outcome == STORE_DOWN)
            return outcome;
        pruned->sessions += outcome == STORE_OK;
        pruned->steps += steps;
    }
    return STORE_OK;
}

int command_prune(struct admin *admin)
{
    int64_t age = 0;
    if (read_age(admin->options.values[OPTION_OLDER_THAN], &age))
        return admin_wrong(admin, "--older-than takes a number and d, h, m or s, such as 90d");
    struct pruned pruned = {.last = mem_dup(STR(""))};
    char *workspace = NULL;
    int status = ADMIN_OK;
    if (options_has(&admin->options, OPTION_WORKSPACE))
        status = admin_workspace(admin, &workspace);
    for (bool more = true; status == ADMIN_OK && more;) {
        PGresult *rows = NULL;
        enum store_outcome outcome = store_prune_find(admin->pg, age, workspace, pruned.last, &rows);
        more = outcome == STORE_OK && pg_json_rows(rows) > 0;
        if (more)
            outcome = prune_found(admin, rows, &pruned);
        PQclear(rows);
        status = admin_outcome(admin, outcome, "", "");
    }
    if (status == ADMIN_OK)
        printf(options_has(&admin->options, OPTION_JSON) ? "{\"pruned\":{\"sessions\":%lld,\"steps\":%lld}}\n"
                                                         : "pruned %lld sessions, %lld steps\n",
               (long long)pruned.sessions, (long long)pruned.steps);
    free(pruned.last);
    free(workspace);
    return status;
}
