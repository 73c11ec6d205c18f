// SPDX-License-Identifier: Apache-2.0
// migrate: brings the schema up to date with the files of a directory. NNNN_*.sql are applied in order, each once, and
// must not change afterwards: what runs elsewhere would not be what is in the file. functions/*.sql are applied after
// them, again whenever their text has changed.
#include <stdio.h>
#include <stdlib.h>
#include "admin/commands/command.h"
#include "admin/commands/migrate_files.h"
#include "base/jw.h"
#include "store/partition.h"

#define PROGRAMS_ROLE "trace_app"

struct migrations {
    struct migrate_files files;
    int64_t latest;
    struct buf applied; // a printed JSON list
    int64_t applied_n;
    const char *role; // that was granted reading and writing, or NULL
};

static void note(const struct admin *admin, struct migrations *m, const char *folder, const char *name)
{
    struct buf path = {0};
    buf_printf(&path, "%s%s", folder, name);
    jw_string(&m->applied, buf_view(&path));
    m->applied_n++;
    if (!options_has(&admin->options, OPTION_JSON))
        printf("applied %s\n", buf_cstr(&path));
    buf_fini(&path);
}

static int check_encoding(struct admin *admin)
{
    bool is_utf8 = false;
    int status = admin_outcome(admin, store_migrate_encoding(admin->pg, &is_utf8), "", "");
    if (status == ADMIN_OK && !is_utf8)
        return admin_wrong(admin, "the database does not store texts in UTF-8: make it with CREATE DATABASE … ENCODING "
                                  "'UTF8' TEMPLATE template0");
    return status;
}

static int adopt(struct admin *admin, struct migrations *m)
{
    enum store_history history = STORE_HISTORY_NOW;
    int status = admin_outcome(admin, store_migrate_history(admin->pg, &history), "", "");
    if (status == ADMIN_OK && history == STORE_HISTORY_TOO_OLD)
        return admin_wrong(admin, "the database has not all of the former migrations, which ended at 0020: apply them "
                                  "with the release that had them");
    if (status || history != STORE_HISTORY_BEFORE)
        return status;
    status = admin_outcome(admin,
                           store_migrate_adopt(admin->pg, m->files.migrations, m->files.migrations_n,
                                               m->files.functions, m->files.functions_n, m->files.conversion),
                           "", "");
    if (status == ADMIN_OK)
        note(admin, m, "before/", "0020.sql");
    return status;
}

static int apply(struct admin *admin, struct migrations *m, const struct store_migration *migration)
{
    enum store_migrated what = STORE_MIGRATED;
    int status = admin_outcome(admin, store_migrate_apply(admin->pg, migration, &what), "", "");
    if (status == ADMIN_OK && what == STORE_MIGRATED_DIFFERENTLY)
        return admin_wrong(admin, "%s was applied with another text: a change is a new migration", migration->name);
    if (status == ADMIN_OK && what == STORE_MIGRATED)
        note(admin, m, "", migration->name);
    return status;
}

static int apply_functions(struct admin *admin, struct migrations *m)
{
    size_t n = m->files.functions_n;
    bool *changed = mem_zero(n * sizeof *changed);
    int status = admin_outcome(admin, store_migrate_functions(admin->pg, m->files.functions, n, changed), "", "");
    for (size_t i = 0; status == ADMIN_OK && i < n; i++)
        if (changed[i])
            note(admin, m, "functions/", m->files.functions[i].name);
    free(changed);
    return status;
}

// The sweeper makes them too, later; a lock that cannot be had now is left to it.
static int make_partitions(const struct admin *admin)
{
    int64_t made = 0;
    enum store_outcome outcome = store_partition_make(admin->pg, &made);
    return admin_outcome(admin, outcome == STORE_CONFLICT ? STORE_OK : outcome, "", "");
}

static int check_latest(struct admin *admin, const struct migrations *m)
{
    int64_t latest = 0;
    int status = admin_outcome(admin, store_migrate_latest(admin->pg, &latest), "", "");
    if (status == ADMIN_OK && latest > m->latest)
        status = admin_wrong(admin, "the database is at %lld, newer than these migrations, which end at %lld",
                             (long long)latest, (long long)m->latest);
    return status;
}

static int grant(struct admin *admin, struct migrations *m)
{
    const char *wanted = admin->options.values[OPTION_APP_ROLE];
    const char *role = wanted ? wanted : PROGRAMS_ROLE;
    enum store_outcome outcome = store_migrate_grant(admin->pg, role);
    if (outcome == STORE_NOT_FOUND && !wanted)
        return ADMIN_OK;
    if (outcome == STORE_NOT_FOUND)
        return admin_wrong(admin, "there is no role %s", role);
    m->role = role;
    return admin_outcome(admin, outcome, "", "");
}

static void report(const struct admin *admin, const struct migrations *m)
{
    struct buf out = {0};
    if (options_has(&admin->options, OPTION_JSON)) {
        jw_open(&out, '{');
        jw_member_i64(&out, "version", m->latest);
        jw_member_raw(&out, "applied", buf_view(&m->applied));
        jw_member(&out, "appRole", str_from(m->role));
        jw_close(&out, '}');
    } else {
        buf_printf(&out, "the schema is at %lld, %lld applied now; ", (long long)m->latest, (long long)m->applied_n);
        if (m->role)
            buf_printf(&out, "%s reads and writes", m->role);
        else
            buf_lit(&out, "there is no role " PROGRAMS_ROLE " to grant it to");
    }
    printf("%s\n", buf_cstr(&out));
    buf_fini(&out);
}

int command_migrate(struct admin *admin)
{
    struct migrations m = {0};
    int status = migrate_files_read(admin, admin->options.values[OPTION_FROM], &m.files);
    if (status == ADMIN_OK)
        m.latest = m.files.migrations[m.files.migrations_n - 1].number;
    buf_char(&m.applied, '[');
    if (status == ADMIN_OK)
        status = check_encoding(admin);
    if (status == ADMIN_OK)
        status = admin_outcome(admin, store_migrate_begin(admin->pg), "", "");
    if (status == ADMIN_OK)
        status = adopt(admin, &m);
    if (status == ADMIN_OK)
        status = check_latest(admin, &m);
    for (size_t i = 0; status == ADMIN_OK && i < m.files.migrations_n; i++)
        status = apply(admin, &m, &m.files.migrations[i]);
    if (status == ADMIN_OK)
        status = apply_functions(admin, &m);
    if (status == ADMIN_OK)
        status = grant(admin, &m);
    if (status == ADMIN_OK)
        status = make_partitions(admin);
    if (status == ADMIN_OK)
        status = admin_outcome(admin, store_migrate_analyze(admin->pg), "", "");
    buf_char(&m.applied, ']');
    if (status == ADMIN_OK)
        report(admin, &m);
    buf_fini(&m.applied);
    migrate_files_fini(&m.files);
    return status;
}
