// SPDX-License-Identifier: Apache-2.0
// Workspaces, people and personas.
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include "admin/commands/command.h"
#include "admin/commands/person.h"
#include "base/password.h"
#include "base/utf8.h"

enum { NAME_MOST = 200, AVATAR_MOST = 32 };

int person_check_name(const struct admin *admin, const char *name)
{
    struct str text = str_from(name);
    if (text.n == 0 || text.n > NAME_MOST)
        return admin_wrong(admin, "a name has 1 to %d bytes", NAME_MOST);
    const char *avatar = admin->options.values[OPTION_AVATAR];
    if (avatar && (avatar[0] == '\0' || strlen(avatar) > AVATAR_MOST || strpbrk(avatar, "/:.")))
        return admin_wrong(admin, "an avatar is one or two letters or an emoji");
    return ADMIN_OK;
}

int command_create_workspace(struct admin *admin)
{
    const char *name = admin->options.argument;
    int status = person_check_name(admin, name);
    if (status)
        return status;
    return admin_tell(admin, "workspace", store_admin_create_workspace(admin->pg, name), "",
                      "there is a workspace of that name already");
}

// Reads one line of standard input without its end. On a terminal it prompts, and does not echo.
static void read_password(struct buf *password)
{
    struct termios shown;
    bool asks = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    if (asks) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fprintf(stderr, "Password: ");
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    for (int c; (c = getchar()) != EOF && c != '\n' && password->n <= PASSWORD_MOST;)
        buf_char(password, (char)c);
    if (password->n && password->p[password->n - 1] == '\r')
        password->n--;
    if (asks) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fprintf(stderr, "\n");
    }
}

int person_read_hash(const struct admin *admin, struct buf *hash)
{
    struct buf password = {0};
    read_password(&password);
    int status = ADMIN_OK;
    if (password.n < PASSWORD_LEAST || password.n > PASSWORD_MOST)
        status = admin_wrong(admin, "the password on standard input must have %d to %d bytes", PASSWORD_LEAST,
                             PASSWORD_MOST);
    else if (!utf8_valid(buf_view(&password)))
        status = admin_wrong(admin, "the password on standard input is not UTF-8");
    else
        password_hash(hash, buf_view(&password));
    explicit_bzero(password.p, password.n);
    buf_fini(&password);
    return status;
}

bool person_is_address(const char *email)
{
    const char *at = strchr(email, '@');
    return at && at != email && at[1] != '\0' && !strchr(at + 1, '@') && !strpbrk(email, " \t\r\n,;<>\"") &&
           strlen(email) <= NAME_MOST;
}

int command_create_user(struct admin *admin)
{
    const char *const *values = admin->options.values;
    const char *email = admin->options.argument;
    struct buf hash = {0};
    char *workspace = NULL;
    int status = person_check_name(admin, values[OPTION_NAME]);
    if (status == ADMIN_OK && !person_is_address(email))
        status = admin_wrong(admin, "\"%s\" is not an e-mail address", email);
    if (status == ADMIN_OK)
        status = admin_workspace(admin, &workspace);
    if (status)
        goto out;
    struct store_admin_person person = {.workspace_id = workspace,
                                        .email = email,
                                        .name = values[OPTION_NAME],
                                        .slug = values[OPTION_SLUG],
                                        .avatar = values[OPTION_AVATAR],
                                        .is_admin = options_has(&admin->options, OPTION_ADMIN)};
    struct store_answer answer = store_admin_create_user(admin->pg, &person);
    if (answer.outcome == STORE_NOT_FOUND) {
        store_answer_fini(&answer);
        status = person_read_hash(admin, &hash);
        if (status)
            goto out;
        person.password_hash = buf_cstr(&hash);
        answer = store_admin_create_user(admin->pg, &person);
    }
    status = admin_tell(admin, "user", answer, "",
                        person.slug ? "this person is in the workspace already, or the slug is taken"
                                    : "this person is in the workspace already");
out:
    buf_fini(&hash);
    free(workspace);
    return status;
}

int command_create_persona(struct admin *admin)
{
    const char *const *values = admin->options.values;
    char *workspace = NULL;
    int status = person_check_name(admin, admin->options.argument);
    if (status == ADMIN_OK)
        status = admin_workspace(admin, &workspace);
    if (status)
        goto out;
    struct store_admin_persona persona = {.workspace_id = workspace,
                                          .name = admin->options.argument,
                                          .description = values[OPTION_DESCRIPTION],
                                          .slug = values[OPTION_SLUG],
                                          .avatar = values[OPTION_AVATAR],
                                          .is_demo = options_has(&admin->options, OPTION_DEMO)};
    status = admin_tell(admin, "persona", store_admin_create_persona(admin->pg, &persona), "", "the slug is taken");
out:
    free(workspace);
    return status;
}

int command_list(struct admin *admin)
{
    static const char *const names[STORE_ADMIN_LIST__MAX] = {[STORE_ADMIN_WORKSPACES] = "workspaces",
                                                             [STORE_ADMIN_USERS] = "users",
                                                             [STORE_ADMIN_PERSONAS] = "personas",
                                                             [STORE_ADMIN_CHANNELS] = "channels",
                                                             [STORE_ADMIN_TOKENS] = "tokens"};
    int what = 0;
    while (what < STORE_ADMIN_LIST__MAX && strcmp(names[what], admin->options.argument) != 0)
        what++;
    if (what == STORE_ADMIN_LIST__MAX)
        return admin_wrong(admin, "\"%s\" cannot be listed: workspaces, users, personas, channels and tokens can",
                           admin->options.argument);
    return admin_list(admin, (enum store_admin_list)what, names[what]);
}
