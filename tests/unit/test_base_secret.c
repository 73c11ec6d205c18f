// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/secret.h"

static char directory[32], path[64];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/test-secret-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    (void)snprintf(path, sizeof path, "%s/key", directory);
    return 0;
}

// Fails where a draft was left behind.
static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(directory);
}

static void the_first_makes_it_and_the_others_read_it(void **state)
{
    (void)state;
    char first[SECRET_BYTES], second[SECRET_BYTES];
    struct stat file;
    assert_int_equal(secret_read(first, path), 0);
    assert_int_equal(secret_read(second, path), 0);
    assert_memory_equal(first, second, SECRET_BYTES);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0600);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(secret_read(second, path), 0);
    assert_memory_not_equal(first, second, SECRET_BYTES);
}

static void write_secret(char c)
{
    char bytes[SECRET_BYTES];
    memset(bytes, c, sizeof bytes);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(close(fd), 0);
}

static void date_back(time_t seconds)
{
    const struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void what_is_kept_is_read_again_only_when_the_file_has_changed(void **state)
{
    (void)state;
    struct secret kept = {0};
    // A file as young as this may still change within one tick of its time.
    assert_int_equal(secret_keep(&kept, path), 0);
    assert_false(kept.is_settled);
    write_secret('a');
    assert_int_equal(secret_keep(&kept, path), 0);
    assert_int_equal(kept.bytes[0], 'a');
    date_back(100);
    assert_int_equal(secret_keep(&kept, path), 0);
    assert_true(kept.is_settled);
    // Nothing was read if what was spoilt here is still there.
    kept.bytes[0] = 'x';
    assert_int_equal(secret_keep(&kept, path), 0);
    assert_int_equal(kept.bytes[0], 'x');
    // Written anew in its place, and then made anew under its name.
    write_secret('b');
    date_back(90);
    assert_int_equal(secret_keep(&kept, path), 0);
    assert_int_equal(kept.bytes[0], 'b');
    char other[sizeof path + 4];
    (void)snprintf(other, sizeof other, "%s.old", path);
    assert_int_equal(rename(path, other), 0);
    write_secret('c');
    date_back(90);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(secret_keep(&kept, path), 0);
    assert_int_equal(kept.bytes[0], 'c');
    // What is no secret is none, though the same file was one before.
    assert_int_equal(truncate(path, 5), 0);
    date_back(80);
    assert_int_equal(secret_keep(&kept, path), -1);
    assert_int_equal(errno, EINVAL);
    assert_false(kept.is_settled);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(secret_keep(&kept, path), 0);
}

static void all_who_make_it_at_once_have_the_same(void **state)
{
    (void)state;
    enum { PROCESSES = 16 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < PROCESSES; i++)
        if (fork() == 0) {
            char secret[SECRET_BYTES];
            _exit(secret_read(secret, path) == 0 && write(ends[1], secret, sizeof secret) == sizeof secret ? 0 : 1);
        }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    char first[SECRET_BYTES], other[SECRET_BYTES];
    assert_int_equal(read(ends[0], first, sizeof first), SECRET_BYTES);
    for (int i = 1; i < PROCESSES; i++) {
        assert_int_equal(read(ends[0], other, sizeof other), SECRET_BYTES);
        assert_memory_equal(first, other, SECRET_BYTES);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void what_is_no_secret_is_refused(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, SECRET_BYTES - 1, SECRET_BYTES + 1};
    char secret[SECRET_BYTES];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        for (size_t n = 0; n < lengths[i]; n++)
            (void)fputc('x', file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(secret_read(secret, path), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_int_equal(secret_read(secret, "/nowhere/at/all"), -1);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_makes_it_and_the_others_read_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_who_make_it_at_once_have_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_secret_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_kept_is_read_again_only_when_the_file_has_changed, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
