// Channels, who is in them, and programs' credentials.
#include <stdlib.h>
#include "admin/commands/command.h"
#include "lib/id.h"

enum { CHANNEL_NAME_MOST = 80, SECRET_BYTES = 32 };

int command_create_channel(struct admin *admin)
{
    const char *name = admin->options.argument;
    if (name[0] == '#')
        name++;
    if (name[0] == '\0' || strlen(name) > CHANNEL_NAME_MOST || strpbrk(name, " \t\r\n#@"))
        return admin_wrong(admin, "a channel's name has 1 to %d bytes without blanks, # and @", CHANNEL_NAME_MOST);
    char *workspace = NULL;
    PGresult *rows = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status)
        goto out;
    enum store_outcome outcome =
        store_admin_create_channel(admin->pg, workspace, name, options_has(&admin->options, OPTION_PRIVATE), &rows);
    status = admin_outcome(admin, outcome, "", "there is a channel of that name already");
    if (status == ADMIN_OK)
        admin_print_object(admin, "stream", rows);
out:
    PQclear(rows);
    free(workspace);
    return status;
}

static bool is_scope(struct str scope)
{
    return str_eq(scope, STR("read")) || str_eq(scope, STR("sessions:write")) || str_eq(scope, STR("messages:write"));
}

static int check_scopes(const struct admin *admin)
{
    struct str rest = str_from(admin->options.values[OPTION_SCOPE]);
    while (rest.p) {
        struct str scope = str_cut(&rest, ',');
        if (!is_scope(scope))
            return admin_wrong(admin, "\"%.*s\" is no scope: read, sessions:write and messages:write are", (int)scope.n,
                               scope.p);
    }
    return ADMIN_OK;
}

int command_create_token(struct admin *admin)
{
    const char *persona = admin->options.values[OPTION_PERSONA];
    struct buf secret = {0};
    char *workspace = NULL;
    PGresult *rows = NULL;
    int status = check_scopes(admin);
    if (status == ADMIN_OK)
        status = admin_workspace(admin, &workspace);
    if (status)
        goto out;
    buf_lit(&secret, "atk_");
    id_secret(&secret, SECRET_BYTES);
    enum store_outcome outcome = store_admin_create_token(admin->pg, workspace, persona, buf_cstr(&secret),
                                                          admin->options.values[OPTION_SCOPE], &rows);
    status = admin_outcome(admin, outcome, "persona in the workspace", "");
    if (status == ADMIN_OK)
        admin_print_object(admin, "token", rows);
out:
    PQclear(rows);
    free(workspace);
    buf_fini(&secret);
    return status;
}

int admin_list(struct admin *admin, enum store_admin_list what, const char *name)
{
    char *workspace = NULL;
    PGresult *rows = NULL;
    int status = ADMIN_OK;
    if (options_has(&admin->options, OPTION_WORKSPACE))
        status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = admin_outcome(admin, store_admin_list(admin->pg, what, workspace, &rows), "", "");
    if (status == ADMIN_OK)
        admin_print_list(admin, name, rows);
    PQclear(rows);
    free(workspace);
    return status;
}

int command_list_tokens(struct admin *admin)
{
    return admin_list(admin, STORE_ADMIN_TOKENS, "tokens");
}

int command_revoke_token(struct admin *admin)
{
    PGresult *rows = NULL;
    enum store_outcome outcome = store_admin_revoke_token(admin->pg, admin->options.argument, &rows);
    int status = admin_outcome(admin, outcome, "token (list-tokens tells the ids)", "");
    if (status == ADMIN_OK)
        admin_print_object(admin, "token", rows);
    PQclear(rows);
    return status;
}

static int membership(struct admin *admin, enum store_admin_member verb)
{
    const char *const *values = admin->options.values;
    const char *stream = values[OPTION_STREAM];
    bool by_name = stream[0] == '#';
    struct store_admin_membership wanted = {.stream_id = by_name ? NULL : stream,
                                            .channel_name = by_name ? stream + 1 : NULL,
                                            .user = values[OPTION_USER],
                                            .persona = values[OPTION_PERSONA]};
    if (!wanted.user == !wanted.persona)
        return admin_wrong(admin, "either --user or --persona must be given");
    char *workspace = NULL;
    PGresult *rows = NULL;
    int status = ADMIN_OK;
    if (options_has(&admin->options, OPTION_WORKSPACE))
        status = admin_workspace(admin, &workspace);
    wanted.workspace_id = workspace;
    if (status)
        goto out;
    enum store_outcome outcome = store_admin_member(admin->pg, verb, &wanted, &rows);
    if (outcome == STORE_NOT_FOUND)
        status = admin_wrong(admin, "there is no channel %s", stream);
    else if (outcome == STORE_CONFLICT)
        status = admin_wrong(admin, "%s is in more than one workspace: --workspace tells which is meant", stream);
    else if (outcome == STORE_DOWN)
        status = ADMIN_FAILED;
    else if (pg_is_null(rows, 0, 1))
        status = admin_wrong(admin, "%s is not in the channel's workspace", wanted.user ? wanted.user : wanted.persona);
    else
        admin_print_object(admin, "membership", rows);
out:
    PQclear(rows);
    free(workspace);
    return status;
}

int command_add_member(struct admin *admin)
{
    return membership(admin, STORE_ADMIN_ADD);
}

int command_remove_member(struct admin *admin)
{
    return membership(admin, STORE_ADMIN_REMOVE);
}
