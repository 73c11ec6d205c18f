// SPDX-License-Identifier: Apache-2.0
// Channels, who is in them, and programs' credentials.
#include <stdlib.h>
#include "admin/commands/command.h"
#include "admin/commands/when.h"
#include "base/id.h"

enum { CHANNEL_NAME_MOST = 80, LABEL_MOST = 200, SECRET_BYTES = 32 };

int command_create_channel(struct admin *admin)
{
    const char *name = admin->options.argument;
    if (name[0] == '#')
        name++;
    if (name[0] == '\0' || strlen(name) > CHANNEL_NAME_MOST || strpbrk(name, " \t\r\n#@"))
        return admin_wrong(admin, "a channel's name has 1 to %d bytes without blanks, # and @", CHANNEL_NAME_MOST);
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = admin_tell(
            admin, "stream",
            store_admin_create_channel(admin->pg, workspace, name, options_has(&admin->options, OPTION_PRIVATE)), "",
            "there is a channel of that name already");
    free(workspace);
    return status;
}

static bool is_scope(struct str scope)
{
    return str_eq(scope, STR("read")) || str_eq(scope, STR("sessions:write")) || str_eq(scope, STR("messages:write")) ||
           str_eq(scope, STR("scores:write")) || str_eq(scope, STR("ingest"));
}

static int check_scopes(const struct admin *admin)
{
    struct str rest = str_from(admin->options.values[OPTION_SCOPE]);
    while (rest.p) {
        struct str scope = str_cut(&rest, ',');
        if (!is_scope(scope))
            return admin_wrong(
                admin, "\"%.*s\" is no scope: read, sessions:write, messages:write, scores:write and ingest are",
                (int)scope.n, scope.p);
    }
    return ADMIN_OK;
}

// An age as the digits of its seconds; *text is NULL if the option is not given.
static int read_seconds(const struct admin *admin, enum option option, struct buf *digits, const char **text)
{
    int64_t seconds = 0;
    *text = NULL;
    if (!options_has(&admin->options, option))
        return ADMIN_OK;
    if (when_age(admin->options.values[option], &seconds) || seconds < 1)
        return admin_wrong(admin, "a time is a number and d, h, m or s, such as 90d, not \"%s\"",
                           admin->options.values[option]);
    buf_i64(digits, seconds);
    *text = buf_cstr(digits);
    return ADMIN_OK;
}

static void print_secret(struct buf *secret)
{
    buf_lit(secret, "atk_");
    id_secret(secret, SECRET_BYTES);
}

int command_rotate_token(struct admin *admin)
{
    struct buf secret = {0}, expires = {0}, overlap = {0};
    const char *overlap_s = NULL;
    struct store_admin_token token = {.actor = admin_actor(admin)};
    int status = read_seconds(admin, OPTION_EXPIRES, &expires, &token.expires_s);
    if (status == ADMIN_OK)
        status = read_seconds(admin, OPTION_OVERLAP, &overlap, &overlap_s);
    if (status == ADMIN_OK) {
        print_secret(&secret);
        token.secret = buf_cstr(&secret);
        status = admin_tell(
            admin, "token",
            store_admin_rotate_token(admin->pg, admin->options.argument, overlap_s ? overlap_s : "86400", &token),
            "token that is valid (list-tokens tells the ids)", "");
    }
    buf_fini(&secret);
    buf_fini(&expires);
    buf_fini(&overlap);
    return status;
}

int command_create_token(struct admin *admin)
{
    const char *const *values = admin->options.values;
    struct store_admin_token token = {.persona = values[OPTION_PERSONA],
                                      .scopes = values[OPTION_SCOPE],
                                      .label = values[OPTION_LABEL],
                                      .actor = admin_actor(admin)};
    struct buf secret = {0}, expires = {0};
    char *workspace = NULL;
    int status = check_scopes(admin);
    if (status == ADMIN_OK && token.label && strlen(token.label) > LABEL_MOST)
        status = admin_wrong(admin, "a label has at most %d bytes", LABEL_MOST);
    if (status == ADMIN_OK)
        status = read_seconds(admin, OPTION_EXPIRES, &expires, &token.expires_s);
    if (status == ADMIN_OK)
        status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK) {
        print_secret(&secret);
        token.workspace_id = workspace;
        token.secret = buf_cstr(&secret);
        status =
            admin_tell(admin, "token", store_admin_create_token(admin->pg, &token), "persona in the workspace", "");
    }
    free(workspace);
    buf_fini(&secret);
    buf_fini(&expires);
    return status;
}

int admin_list(struct admin *admin, enum store_admin_list what, const char *name)
{
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = admin_tell_list(admin, name, store_admin_list(admin->pg, what, workspace));
    free(workspace);
    return status;
}

int command_list_tokens(struct admin *admin)
{
    return admin_list(admin, STORE_ADMIN_TOKENS, "tokens");
}

int command_revoke_token(struct admin *admin)
{
    return admin_tell(admin, "token", store_admin_revoke_token(admin->pg, admin->options.argument, admin_actor(admin)),
                      "token (list-tokens tells the ids)", "");
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
    struct store_answer answer = {0};
    int status = admin_workspace(admin, &workspace);
    wanted.workspace_id = workspace;
    if (status)
        goto out;
    answer = store_admin_member(admin->pg, verb, &wanted);
    if (answer.outcome == STORE_NOT_FOUND)
        status = admin_wrong(admin, "there is no channel %s", stream);
    else if (answer.outcome == STORE_CONFLICT)
        status = admin_wrong(admin, "%s is in more than one workspace: --workspace tells which is meant", stream);
    else if (store_has_failed(answer.outcome))
        status = ADMIN_FAILED;
    else if (!store_admin_has_member(&answer))
        status = admin_wrong(admin, "%s is not in the channel's workspace", wanted.user ? wanted.user : wanted.persona);
    else
        admin_print_object(admin, "membership", &answer);
out:
    store_answer_fini(&answer);
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
