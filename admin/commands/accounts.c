// SPDX-License-Identifier: Apache-2.0
// People who have an account: what happens to them after they were created. Everything is written to the audit log.
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "admin/commands/command.h"
#include "admin/commands/person.h"
#include "store/audit.h"
#include "store/person.h"

const char *admin_actor(struct admin *admin)
{
    const char *sudo = getenv("SUDO_USER");
    const struct passwd *user = getpwuid(getuid());
    buf_clear(&admin->actor);
    if (sudo && *sudo)
        buf_printf(&admin->actor, "shell:%s", sudo);
    else if (user)
        buf_printf(&admin->actor, "shell:%s", user->pw_name);
    else
        buf_printf(&admin->actor, "shell:%u", (unsigned)getuid());
    return buf_cstr(&admin->actor);
}

static int tell(const struct admin *admin, struct store_answer take_answer)
{
    return admin_tell(admin, "user", take_answer, "person", "");
}

int command_set_password(struct admin *admin)
{
    struct buf hash = {0};
    int status = person_read_hash(admin, &hash);
    if (status == ADMIN_OK)
        status =
            tell(admin, store_person_password(admin->pg, admin->options.argument, admin_actor(admin), buf_cstr(&hash)));
    buf_fini(&hash);
    return status;
}

int command_sign_out(struct admin *admin)
{
    return tell(admin, store_person_sign_out(admin->pg, admin->options.argument, admin_actor(admin)));
}

int command_deactivate(struct admin *admin)
{
    return tell(admin, store_person_deactivate(admin->pg, admin->options.argument, admin_actor(admin)));
}

int command_activate(struct admin *admin)
{
    return tell(admin, store_person_activate(admin->pg, admin->options.argument, admin_actor(admin)));
}

int command_rename_user(struct admin *admin)
{
    const char *name = admin->options.values[OPTION_NAME], *email = admin->options.values[OPTION_EMAIL];
    if (!name && !email)
        return admin_wrong(admin, "--name or --email must be given");
    int status = name ? person_check_name(admin, name) : ADMIN_OK;
    if (status == ADMIN_OK && email && !person_is_address(email))
        status = admin_wrong(admin, "\"%s\" is not an e-mail address", email);
    if (status)
        return status;
    return admin_tell(admin, "user",
                      store_person_rename(admin->pg, admin->options.argument, admin_actor(admin), name, email),
                      "person", "this e-mail address is somebody else's");
}

int command_set_role(struct admin *admin)
{
    const char *role = admin->options.values[OPTION_ROLE];
    if (strcmp(role, "admin") != 0 && strcmp(role, "member") != 0)
        return admin_wrong(admin, "--role takes admin or member");
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = admin_tell(admin, "user",
                            store_person_role(admin->pg, admin->options.argument, admin_actor(admin), workspace, role),
                            "person in the workspace", "");
    free(workspace);
    return status;
}

int command_export_user(struct admin *admin)
{
    // Lists in it make it an object in any case.
    admin->options.values[OPTION_JSON] = "--json";
    return tell(admin, store_person_export(admin->pg, admin->options.argument, admin_actor(admin)));
}

// Deletes what `who` wrote, and counts it.
static int erase_texts(struct admin *admin, struct bus *bus, const char *who, int64_t *n)
{
    struct buf after = {0};
    enum store_outcome outcome;
    while ((outcome = store_person_erase_text(admin->pg, bus, who, &after)) == STORE_OK)
        ++*n;
    buf_fini(&after);
    return store_has_failed(outcome) ? ADMIN_FAILED : ADMIN_OK;
}

// Erases a part in portions. What a failure leaves goes by the same command again, as the operator is told.
static int erase_part(struct admin *admin, struct bus *bus, enum store_person_part part, const char *id)
{
    static const char *const done[] = {
        [STORE_PERSON_BELONGINGS] = "the account is deactivated, but not erased",
        [STORE_PERSON_NAME] = "the account is erased, but some texts still have the person's name",
    };
    struct buf after = {0};
    int pass = 0;
    enum store_outcome outcome;
    while ((outcome = store_person_erase_portion(admin->pg, bus, part, id, &pass, &after)) == STORE_OK)
        continue;
    if (store_has_failed(outcome))
        fprintf(stderr, "trace-admin: %s: run erase-user %s again\n", done[part], id);
    buf_fini(&after);
    return store_has_failed(outcome) ? ADMIN_FAILED : ADMIN_OK;
}

// Whoever interrupts the command gives it again: until the account is erased, which is one transaction, it finds the
// person by their address. They are signed out before that, so that nothing of theirs is added meanwhile. `who` was
// erased before where nobody is to be deactivated, or is nobody.
static int erase_account(struct admin *admin, struct bus *bus, const char *who, int64_t texts,
                         struct store_answer *erased)
{
    struct store_answer closed = store_person_deactivate(admin->pg, who, admin_actor(admin));
    char *id = closed.outcome == STORE_OK ? mem_dup(store_admin_id(&closed)) : mem_dup(str_from(who));
    int status = store_has_failed(closed.outcome) ? ADMIN_FAILED : ADMIN_OK;
    if (status == ADMIN_OK)
        status = erase_part(admin, bus, STORE_PERSON_BELONGINGS, id);
    if (status == ADMIN_OK) {
        *erased = store_person_erase(admin->pg, id, admin_actor(admin), texts, store_person_sign_ins_ended(&closed));
        status = admin_outcome(admin, erased->outcome, "person", "");
    }
    if (status == ADMIN_OK)
        status = erase_part(admin, bus, STORE_PERSON_NAME, id);
    store_answer_fini(&closed);
    free(id);
    return status;
}

int command_erase_user(struct admin *admin)
{
    const char *who = admin->options.argument;
    struct bus *bus = admin_bus();
    struct store_answer erased = {0};
    int64_t texts = 0;
    int status = ADMIN_OK;
    if (options_has(&admin->options, OPTION_TEXTS))
        status = erase_texts(admin, bus, who, &texts);
    if (status == ADMIN_OK)
        status = erase_account(admin, bus, who, texts, &erased);
    if (status == ADMIN_OK)
        admin_print_object(admin, "user", &erased);
    store_answer_fini(&erased);
    bus_free(bus);
    return status;
}

int command_audit(struct admin *admin)
{
    const char *most = admin->options.values[OPTION_LIMIT];
    int64_t number = 0;
    if (most && (str_to_i64(str_from(most), &number) || number < 1))
        return admin_wrong(admin, "--limit takes a whole number from 1");
    char *workspace = NULL;
    int status = admin_workspace(admin, &workspace);
    if (status == ADMIN_OK)
        status = admin_tell_list(admin, "entries", store_audit_list(admin->pg, workspace, most ? most : "100"));
    free(workspace);
    return status;
}
