// SPDX-License-Identifier: Apache-2.0
// An invalid configuration ends the program, so each case runs in a process of its own whose output is read.
#include "tests/unit/base.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/config.h"
#include "base/log.h"

enum { LINE = 4096 };

// Runs `body` in a child with these variables ("NAME=value", ended by NULL); returns its exit status, what it wrote to
// standard error is in `said`.
static int in_child(const char *const *variables, void (*body)(void), char said[LINE])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        (void)clearenv();
        for (; *variables; variables++)
            if (putenv((char *)(uintptr_t)*variables))
                _exit(99);
        body();
        _exit(0);
    }
    (void)close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n < LINE - 1 && (got = read(ends[0], said + n, LINE - 1 - n)) > 0;)
        n += (size_t)got;
    said[n] = '\0';
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void reads(void)
{
    config_init("test");
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *variables[3];
        const char *said;
    } cases[] = {
        {{NULL}, "TRACE_DATABASE_URL is not set"},
        {{"TRACE_DATABASE_URL=x", "TRACE_WORKERS=0"}, "TRACE_WORKERS must be a whole number from 1 to 256, not \"0\""},
        {{"TRACE_DATABASE_URL=x", "TRACE_WORKERS=257"}, "TRACE_WORKERS must be"},
        {{"TRACE_DATABASE_URL=x", "TRACE_WORKERS=four"}, "not \"four\""},
        {{"TRACE_DATABASE_URL=x", "TRACE_WORKERS="}, "not \"\""},
        {{"TRACE_DATABASE_URL=x", "TRACE_LOG_LEVEL=loud"}, "debug, info, warning or error, not \"loud\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char said[LINE];
        assert_int_equal(in_child(cases[i].variables, reads, said), 2);
        if (!strstr(said, cases[i].said))
            fail_msg("case %zu said %s", i, said);
        assert_non_null(strstr(said, "test: "));
    }
}

static void names_everything_that_is_wrong_at_once(void **state)
{
    (void)state;
    char said[LINE];
    const char *const variables[] = {"TRACE_WORKERS=x", "TRACE_PUSHERS=y", NULL};
    assert_int_equal(in_child(variables, reads, said), 2);
    assert_non_null(strstr(said, "TRACE_DATABASE_URL"));
    assert_non_null(strstr(said, "TRACE_WORKERS"));
    assert_non_null(strstr(said, "TRACE_PUSHERS"));
}

static void checks_defaults(void)
{
    config_init("test");
    char path[108];
    bool right = strcmp(config_text(CONFIG_DATABASE_URL), "postgresql://x") == 0 &&
                 config_number(CONFIG_WORKERS) == 24 && config_number(CONFIG_HEARTBEAT_TIMEOUT) == 60 &&
                 config_number(CONFIG_LOG_LEVEL) == LOG_INFO && strcmp(config_text(CONFIG_PUBLIC_URL), "") == 0 &&
                 strcmp(config_socket(path, "a.sock"), "/run/agent-trace/a.sock") == 0;
    _exit(right ? 0 : 1);
}

static void checks_given(void)
{
    config_init("test");
    _exit(config_number(CONFIG_WORKERS) == 256 && config_number(CONFIG_LOG_LEVEL) == LOG_ERROR ? 0 : 1);
}

static void has_defaults_and_takes_what_is_given(void **state)
{
    (void)state;
    char said[LINE];
    const char *const least[] = {"TRACE_DATABASE_URL=postgresql://x", NULL};
    assert_int_equal(in_child(least, checks_defaults, said), 0);
    const char *const given[] = {"TRACE_DATABASE_URL=x", "TRACE_WORKERS=256", "TRACE_LOG_LEVEL=error", NULL};
    assert_int_equal(in_child(given, checks_given, said), 0);
}

static void asks_for_a_long_path(void)
{
    config_init("test");
    char path[108];
    (void)config_socket(path, "pusher-64.hint");
}

static void refuses_a_socket_path_that_is_too_long(void **state)
{
    (void)state;
    char said[LINE], directory[160];
    (void)snprintf(directory, sizeof directory, "TRACE_SOCKET_DIR=/%0120d", 0);
    const char *const variables[] = {"TRACE_DATABASE_URL=x", directory, NULL};
    assert_int_equal(in_child(variables, asks_for_a_long_path, said), 2);
    assert_non_null(strstr(said, "too long for a Unix socket"));
}

static void prints_every_key_as_an_environment_file(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    config_print(out);
    assert_int_equal(fclose(out), 0);
    int keys = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        const char *key = line + (*line == '#');
        size_t letters = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        keys += letters > 0 && key[letters] == '=';
    }
    assert_int_equal(keys, CONFIG__MAX);
    assert_non_null(strstr(text, "\nTRACE_DATABASE_URL=\n"));
    assert_non_null(strstr(text, "\n#TRACE_WORKERS=24\n"));
    free(text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(names_everything_that_is_wrong_at_once),
        cmocka_unit_test(has_defaults_and_takes_what_is_given),
        cmocka_unit_test(refuses_a_socket_path_that_is_too_long),
        cmocka_unit_test(prints_every_key_as_an_environment_file),
    };
    return cmocka_run_group_tests_name("base config", tests, NULL, NULL);
}
