// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"

enum { SAID = 4096 };

// What log_line() writes to standard error, read back through a pipe.
static void hear(enum log_level level, const char *text, char said[SAID])
{
    int ends[2], kept = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    errno = 42;
    log_line(level, "%s", text);
    assert_int_equal(errno, 42);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    ssize_t n = read(ends[0], said, SAID - 1);
    said[n > 0 ? n : 0] = '\0';
    (void)close(ends[0]);
}

static void writes_one_line_with_time_level_program_and_process(void **state)
{
    (void)state;
    char said[SAID], expected[64];
    log_init("test", LOG_INFO);
    hear(LOG_WARNING, "something", said);
    (void)snprintf(expected, sizeof expected, "Z warning test[%d]: something\n", (int)getpid());
    assert_non_null(strstr(said, expected));
    assert_int_equal(strlen(said), 23 + strlen(expected));
}

static void lines_for_the_journal_begin_with_their_priority(void **state)
{
    (void)state;
    char said[SAID], stream[64];
    int ends[2], kept = dup(STDERR_FILENO);
    struct stat status;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fstat(ends[1], &status), 0);
    (void)snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_init("test", LOG_INFO);
    log_line(LOG_ERROR, "bad");
    log_line(LOG_WARNING, "odd");
    log_line(LOG_INFO, "so");
    // Standard error that leads elsewhere is read by people.
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    log_init("test", LOG_INFO);
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    ssize_t n = read(ends[0], said, SAID - 1);
    said[n > 0 ? n : 0] = '\0';
    (void)close(ends[0]);
    assert_memory_equal(said, "<3>", 3);
    assert_non_null(strstr(said, "bad\n<4>"));
    assert_non_null(strstr(said, "odd\n<6>"));
    hear(LOG_ERROR, "plain", said);
    assert_true(said[0] != '<');
}

static void is_silent_below_its_level(void **state)
{
    (void)state;
    char said[SAID];
    log_init("test", LOG_WARNING);
    hear(LOG_INFO, "nothing", said);
    assert_string_equal(said, "");
    hear(LOG_ERROR, "all", said);
    assert_non_null(strstr(said, "all\n"));
}

static void messages_of_many_lines_become_one(void **state)
{
    (void)state;
    char said[SAID];
    log_init("test", LOG_DEBUG);
    hear(LOG_DEBUG, "ERROR: a\nDETAIL:\tb\x1b[0m\n\n", said);
    assert_non_null(strstr(said, "]: ERROR: a DETAIL: b [0m\n"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    hear(LOG_DEBUG, "\n\n", said);
    assert_non_null(strstr(said, "]: \n"));
}

static void objects_are_lines_of_their_own_at_any_level(void **state)
{
    (void)state;
    char said[SAID];
    int ends[2], kept = dup(STDERR_FILENO);
    log_init("test", LOG_ERROR);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    log_json(STR("{\"a\":1}"));
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    ssize_t n = read(ends[0], said, SAID - 1);
    said[n > 0 ? n : 0] = '\0';
    (void)close(ends[0]);
    assert_string_equal(said, "{\"a\":1}\n");
}

static void levels_have_names(void **state)
{
    (void)state;
    assert_int_equal(log_level_named("debug"), LOG_DEBUG);
    assert_int_equal(log_level_named("error"), LOG_ERROR);
    assert_int_equal(log_level_named("loud"), -1);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_line_with_time_level_program_and_process),
        cmocka_unit_test(lines_for_the_journal_begin_with_their_priority),
        cmocka_unit_test(is_silent_below_its_level),
        cmocka_unit_test(messages_of_many_lines_become_one),
        cmocka_unit_test(objects_are_lines_of_their_own_at_any_level),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests_name("base log", tests, NULL, NULL);
}
