// migrate: brings the schema up to date with the NNNN_*.sql files of a directory, in order, each once. A file that was
// applied must not change afterwards: what runs elsewhere would not be what is in the file.
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "admin/commands/command.h"
#include "lib/jw.h"
#include "lib/store_migrate.h"

#define PROGRAMS_ROLE "trace_app"

struct migrations {
    glob_t files; // sorted by name
    int64_t latest;
    struct buf applied; // a printed JSON list
    int64_t applied_n;
    const char *role; // that was granted reading and writing, or NULL
};

static int64_t number_of(const char *path)
{
    int64_t number = 0;
    const char *name = strrchr(path, '/') + 1;
    (void)!str_to_i64((struct str){name, 4}, &number);
    return number;
}

// Where the files are installed: beside this program's own directory, which may have been moved since it was built, or
// where it was built for.
static void print_installed(struct buf *out)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program);
    struct str path = {program, n > 0 ? (size_t)n : 0};
    for (int up = 0; up < 2; up++)
        while (path.n && path.p[--path.n] != '/')
            ;
    buf_str(out, path);
    buf_lit(out, "/share/agent-trace/migrations");
    if (access(buf_cstr(out), X_OK) == 0)
        return;
    buf_clear(out);
    buf_lit(out, TRACE_DATA_DIR "/migrations");
}

static int find_files(const struct admin *admin, struct migrations *m)
{
    const char *directory = admin->options.values[OPTION_FROM];
    struct buf pattern = {0};
    if (directory)
        buf_str(&pattern, str_from(directory));
    else
        print_installed(&pattern);
    buf_lit(&pattern, "/[0-9][0-9][0-9][0-9]_*.sql");
    int found = glob(buf_cstr(&pattern), 0, NULL, &m->files);
    int status = ADMIN_OK;
    if (found || m->files.gl_pathc == 0)
        status = admin_wrong(admin, "there are no migrations like %s", buf_cstr(&pattern));
    for (size_t i = 0; status == ADMIN_OK && i < m->files.gl_pathc; i++) {
        int64_t number = number_of(m->files.gl_pathv[i]);
        if (number <= m->latest)
            status = admin_wrong(admin, "there are two migrations with the number %lld", (long long)number);
        m->latest = number;
    }
    buf_fini(&pattern);
    return status;
}

static int read_file(const struct admin *admin, const char *path, struct buf *text)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return admin_wrong(admin, "%s: %s", path, strerror(errno));
    size_t n;
    do {
        buf_reserve(text, 65536);
        n = fread(text->p + text->n, 1, 65536, file);
        text->n += n;
    } while (n > 0);
    int status = ferror(file) ? admin_wrong(admin, "%s cannot be read", path) : ADMIN_OK;
    (void)fclose(file);
    return status;
}

static int apply(struct admin *admin, struct migrations *m, const char *path)
{
    struct buf sql = {0};
    struct store_migration migration = {.number = number_of(path), .name = strrchr(path, '/') + 1};
    int status = read_file(admin, path, &sql);
    if (status)
        goto out;
    migration.sql = buf_cstr(&sql);
    enum store_migrated what = STORE_MIGRATED;
    status = admin_outcome(admin, store_migrate_apply(admin->pg, &migration, &what), "", "");
    if (status)
        goto out;
    if (what == STORE_MIGRATED_DIFFERENTLY)
        status = admin_wrong(admin, "%s was applied with another text: a change is a new migration", migration.name);
    if (what != STORE_MIGRATED)
        goto out;
    m->applied_n++;
    jw_string(&m->applied, str_from(migration.name));
    if (!options_has(&admin->options, OPTION_JSON))
        printf("applied %s\n", migration.name);
out:
    buf_fini(&sql);
    return status;
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
    int status = find_files(admin, &m);
    if (status == ADMIN_OK)
        status = admin_outcome(admin, store_migrate_begin(admin->pg), "", "");
    if (status == ADMIN_OK)
        status = check_latest(admin, &m);
    buf_char(&m.applied, '[');
    for (size_t i = 0; status == ADMIN_OK && i < m.files.gl_pathc; i++)
        status = apply(admin, &m, m.files.gl_pathv[i]);
    if (status == ADMIN_OK)
        status = grant(admin, &m);
    if (status == ADMIN_OK)
        status = admin_outcome(admin, store_migrate_analyze(admin->pg), "", "");
    buf_char(&m.applied, ']');
    if (status == ADMIN_OK)
        report(admin, &m);
    buf_fini(&m.applied);
    globfree(&m.files);
    return status;
}
