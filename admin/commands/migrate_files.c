// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/migrate_files.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include "admin/commands/installed.h"

// The text of a file, which the caller frees; NULL: said.
static char *read_file(const struct admin *admin, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        (void)admin_wrong(admin, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct buf text = {0};
    size_t n;
    do {
        buf_reserve(&text, 65536);
        n = fread(text.p + text.n, 1, 65536, file);
        text.n += n;
    } while (n > 0);
    char *read = ferror(file) ? NULL : mem_dup(buf_view(&text));
    if (!read)
        (void)admin_wrong(admin, "%s cannot be read", path);
    buf_fini(&text);
    (void)fclose(file);
    return read;
}

// The files that fit the pattern, by name.
static int read_all(const struct admin *admin, const char *directory, const char *pattern,
                    struct store_migration **files, size_t *files_n)
{
    glob_t found = {0};
    struct buf path = {0};
    buf_str(&path, str_from(directory));
    buf_str(&path, str_from(pattern));
    int status = ADMIN_OK;
    if (glob(buf_cstr(&path), 0, NULL, &found) || found.gl_pathc == 0)
        status = admin_wrong(admin, "there are no migrations like %s", buf_cstr(&path));
    else
        *files = mem_zero(found.gl_pathc * sizeof **files);
    for (size_t i = 0; status == ADMIN_OK && i < found.gl_pathc; i++) {
        const char *name = strrchr(found.gl_pathv[i], '/') + 1;
        char *sql = read_file(admin, found.gl_pathv[i]);
        if (!sql)
            status = ADMIN_WRONG;
        else
            (*files)[(*files_n)++] = (struct store_migration){.name = mem_dup(str_from(name)), .sql = sql};
    }
    globfree(&found);
    buf_fini(&path);
    return status;
}

// Their names begin with four digits, which are in order.
static int number(const struct admin *admin, struct migrate_files *files)
{
    int64_t latest = 0;
    for (size_t i = 0; i < files->migrations_n; i++) {
        struct store_migration *file = &files->migrations[i];
        (void)!str_to_i64((struct str){file->name, 4}, &file->number);
        if (file->number <= latest)
            return admin_wrong(admin, "there are two migrations with the number %lld", (long long)file->number);
        latest = file->number;
    }
    return ADMIN_OK;
}

int migrate_files_read(const struct admin *admin, const char *directory, struct migrate_files *files)
{
    struct buf from = {0};
    if (directory)
        buf_str(&from, str_from(directory));
    else
        installed_path(&from, "migrations");
    int status =
        read_all(admin, buf_cstr(&from), "/[0-9][0-9][0-9][0-9]_*.sql", &files->migrations, &files->migrations_n);
    if (status == ADMIN_OK)
        status = number(admin, files);
    if (status == ADMIN_OK)
        status = read_all(admin, buf_cstr(&from), "/functions/*.sql", &files->functions, &files->functions_n);
    buf_lit(&from, "/before/0020.sql");
    if (status == ADMIN_OK) {
        files->conversion = read_file(admin, buf_cstr(&from));
        status = files->conversion ? ADMIN_OK : ADMIN_WRONG;
    }
    buf_fini(&from);
    return status;
}

static void free_all(struct store_migration *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(files[i].name);
        free(files[i].sql);
    }
    free(files);
}

void migrate_files_fini(struct migrate_files *files)
{
    free_all(files->migrations, files->migrations_n);
    free_all(files->functions, files->functions_n);
    free(files->conversion);
    *files = (struct migrate_files){0};
}
