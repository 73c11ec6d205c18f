// SPDX-License-Identifier: Apache-2.0
// store/pg against the database of DATABASE_URL: outcomes, getters, preparing, reconnecting, pipelines. Prints TAP; run
// by admin_pg.test.mjs.
#include "tests/unit/base.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/pg.h"
#include "store/pg_dial.h"
#include "store/pg_value.h"

static const struct pg_statement numbers = {
    "numbers",
    "SELECT (-2)::smallint, 2147483647, 9223372036854775807, NULL::integer, true, false, NULL::boolean, 'text', '',\n"
    "NULL::text, timestamptz '2026-11-22 08:00:00.123456Z', timestamptz '1969-12-31 23:59:59.999999Z', "
    "NULL::timestamptz"};
static const struct pg_statement insert = {"insert_thing",
                                           "INSERT INTO things (id, size) VALUES ($1, $2::integer) RETURNING id"};
static const struct pg_statement pid = {"pid", "SELECT pg_backend_pid()"};
static const struct pg_statement kill = {"kill", "SELECT pg_terminate_backend(pg_backend_pid())"};
static const struct pg_statement slow = {"slow", "SELECT pg_sleep(5)"};
static const struct pg_statement wrong = {"wrong", "SELECT nothing FROM nowhere"};
static const struct pg_statement serial = {"serial", "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"};
static const struct pg_statement count = {"count_things", "SELECT count(*) FROM things"};

static int set_up(void **state)
{
    struct pg *pg = pg_new(getenv("DATABASE_URL"), "test", 0);
    *state = pg;
    return pg_command(pg, "DROP TABLE IF EXISTS things; CREATE TABLE things (id text PRIMARY KEY, size integer CHECK "
                          "(size > 0))") != PG_OK;
}

static int tear_down(void **state)
{
    pg_free(*state);
    return 0;
}

static int64_t number(struct pg *pg, const struct pg_statement *statement)
{
    PGresult *rows = NULL;
    assert_int_equal(pg_run(pg, statement, 0, NULL, &rows), PG_OK);
    int64_t n = pg_i64(rows, 0, 0);
    PQclear(rows);
    return n;
}

static enum pg_outcome put(struct pg *pg, const char *id, const char *size)
{
    PGresult *rows = NULL;
    enum pg_outcome outcome = pg_run(pg, &insert, 2, (const char *const[]){id, size}, &rows);
    assert_true((rows != NULL) == (outcome == PG_OK));
    PQclear(rows);
    return outcome;
}

static void getters_read_binary_values(void **state)
{
    PGresult *r = NULL;
    assert_int_equal(pg_run(*state, &numbers, 0, NULL, &r), PG_OK);
    assert_true(pg_i64(r, 0, 0) == -2);
    assert_true(pg_i64(r, 0, 1) == INT32_MAX);
    assert_true(pg_i64(r, 0, 2) == INT64_MAX);
    assert_true(pg_i64(r, 0, 3) == 0 && pg_is_null(r, 0, 3));
    assert_true(pg_bool(r, 0, 4));
    assert_false(pg_bool(r, 0, 5));
    assert_false(pg_bool(r, 0, 6));
    assert_str(pg_str(r, 0, 7), "text");
    assert_non_null(pg_str(r, 0, 8).p);
    assert_null(pg_str(r, 0, 9).p);
    struct buf b = {0};
    clock_print(&b, pg_time(r, 0, 10));
    assert_str(buf_view(&b), "2026-11-22T08:00:00.123Z");
    assert_true(pg_time(r, 0, 11) == -1);
    assert_true(pg_time(r, 0, 12) == 0);
    buf_fini(&b);
    PQclear(r);
}

static void elements_of_an_array_are_views(void **state)
{
    static const struct pg_statement arrays = {
        "arrays", "SELECT ARRAY['one', NULL, '', 'four'], ARRAY[]::text[], NULL::text[], ARRAY[['a', 'b']]"};
    enum { FOUR, EMPTY, ABSENT, NESTED };
    PGresult *r = NULL;
    assert_int_equal(pg_run(*state, &arrays, 0, NULL, &r), PG_OK);
    assert_str(pg_element(r, 0, FOUR, 0), "one");
    assert_null(pg_element(r, 0, FOUR, 1).p);
    assert_true(pg_element(r, 0, FOUR, 2).p && pg_element(r, 0, FOUR, 2).n == 0);
    assert_str(pg_element(r, 0, FOUR, 3), "four");
    assert_null(pg_element(r, 0, FOUR, 4).p);
    for (int column = EMPTY; column <= NESTED; column++)
        assert_null(pg_element(r, 0, column, 0).p);
    PQclear(r);
}

static void outcomes_are_told_apart(void **state)
{
    PGresult *rows = NULL;
    assert_int_equal(put(*state, "a", "1"), PG_OK);
    assert_int_equal(put(*state, "a", "1"), PG_AGAIN);
    assert_int_equal(put(*state, "b", "0"), PG_REFUSED);
    assert_int_equal(put(*state, "b", "many"), PG_REFUSED);
    assert_int_equal(put(*state, NULL, "1"), PG_REFUSED);
    assert_int_equal(pg_run(*state, &serial, 0, NULL, &rows), PG_AGAIN);
    assert_int_equal(pg_run(*state, &wrong, 0, NULL, &rows), PG_BROKEN);
    assert_int_equal(pg_command(*state, "SELECT 1; nonsense"), PG_BROKEN);
    assert_int_equal(number(*state, &count), 1);
}

static void what_is_away_is_told_from_what_is_broken(void **state)
{
    static const struct {
        const char *code;
        enum pg_outcome outcome;
        bool keeps_connection;
    } errors[] = {
        {"23505", PG_AGAIN, true},   {"40001", PG_AGAIN, true},   {"40P01", PG_AGAIN, true},
        {"0A000", PG_AGAIN, false},  {"26000", PG_AGAIN, false},  {"22021", PG_REFUSED, true},
        {"23514", PG_REFUSED, true}, {"54000", PG_REFUSED, true}, {"08P01", PG_DOWN, false},
        {"25006", PG_DOWN, false},   {"40003", PG_DOWN, true},    {"53100", PG_DOWN, true},
        {"53200", PG_DOWN, true},    {"55P03", PG_DOWN, true},    {"57014", PG_DOWN, true},
        {"57P01", PG_DOWN, false},   {"58030", PG_DOWN, true},    {"42501", PG_BROKEN, true},
        {"42P01", PG_BROKEN, true},  {"25P02", PG_BROKEN, true},  {"P0001", PG_BROKEN, true},
        {"XX000", PG_BROKEN, true},  {"XX001", PG_BROKEN, true},  {"ZZZZZ", PG_BROKEN, true},
    };
    for (size_t i = 0; i < COUNT(errors); i++) {
        struct buf sql = {0};
        buf_printf(&sql, "DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '%s'; END $$", errors[i].code);
        int64_t before = number(*state, &pid);
        assert_int_equal(pg_command(*state, buf_cstr(&sql)), errors[i].outcome);
        assert_true((number(*state, &pid) == before) == errors[i].keeps_connection);
        buf_fini(&sql);
    }
}

static void a_plan_that_a_migration_overtook_is_made_anew(void **state)
{
    static const struct pg_statement all = {"all_things", "SELECT * FROM things"};
    PGresult *rows = NULL;
    assert_int_equal(pg_run(*state, &all, 0, NULL, &rows), PG_OK);
    PQclear(rows);
    assert_int_equal(pg_command(*state, "ALTER TABLE things ADD COLUMN colour text"), PG_OK);
    assert_int_equal(pg_persist(*state, &all, 0, NULL, &rows), PG_OK);
    assert_int_equal(PQnfields(rows), 3);
    PQclear(rows);
}

static void a_cancelled_statement_keeps_the_connection(void **state)
{
    PGresult *rows = NULL;
    int64_t before = number(*state, &pid);
    assert_int_equal(pg_command(*state, "SET statement_timeout = 50"), PG_OK);
    assert_int_equal(pg_run(*state, &slow, 0, NULL, &rows), PG_DOWN);
    assert_true(number(*state, &pid) == before);
}

static void a_lost_connection_is_made_anew_and_its_statements_prepared_again(void **state)
{
    PGresult *rows = NULL;
    assert_int_equal(put(*state, "a", "1"), PG_OK);
    int64_t before = number(*state, &pid);
    assert_int_equal(pg_run(*state, &kill, 0, NULL, &rows), PG_DOWN);
    assert_int_equal(put(*state, "b", "1"), PG_OK);
    assert_true(number(*state, &pid) != before);
    assert_int_equal(number(*state, &count), 2);
}

static void a_link_that_died_while_idle_costs_nobody_an_error(void **state)
{
    static const struct pg_statement others = {
        "kill_others", "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE pid <> "
                       "pg_backend_pid() AND application_name = 'test' AND datname = current_database()"};
    struct pg *killer = pg_new(getenv("DATABASE_URL"), "killer", 0);
    int64_t before = number(*state, &pid);
    assert_true(number(killer, &others) == 1);
    assert_true(number(*state, &pid) != before);
    pg_free(killer);
}

static void an_absent_database_costs_nothing_between_two_tries(void **state)
{
    (void)state;
    struct pg *pg = pg_new("postgresql:///none?host=/nowhere", "test", 0);
    int64_t began = clock_mono_ns();
    PGresult *rows = NULL;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pg_run(pg, &pid, 0, NULL, &rows), PG_DOWN);
    assert_int_equal(pg_command(pg, "SELECT 1"), PG_DOWN);
    assert_true(clock_mono_ns() - began < INT64_C(500000000));
    pg_free(pg);
    pg_free(NULL);
}

static void a_statement_without_an_answer_is_given_up(void **state)
{
    (void)state;
    PGresult *rows = NULL;
    struct pg *pg = pg_new(getenv("DATABASE_URL"), "test", 1000);
    int64_t before = number(pg, &pid);
    // The server would answer by itself a little earlier.
    assert_int_equal(pg_command(pg, "SET statement_timeout = 0"), PG_OK);
    assert_int_equal(pg_run(pg, &slow, 0, NULL, &rows), PG_DOWN);
    assert_null(rows);
    assert_true(number(pg, &pid) != before);
    assert_int_equal(pg_command(pg, "SET statement_timeout = 0"), PG_OK);
    struct pg_call calls[] = {{&count, 0, NULL, NULL}, {&slow, 0, NULL, NULL}};
    assert_int_equal(pg_pipeline(pg, calls, COUNT(calls)), PG_DOWN);
    assert_null(calls[0].rows);
    assert_int_equal(number(pg, &count), 0);
    pg_free(pg);
}

static const char *value_of(const PQconninfoOption *parsed, const char *key)
{
    while (strcmp(parsed->keyword, key) != 0)
        parsed++;
    return parsed->val;
}

static void hosts_have_their_turn_one_after_the_other(void **state)
{
    (void)state;
    // It takes connections, and then it is silent.
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(silent, (struct sockaddr *)&address, n), 0);
    assert_int_equal(listen(silent, 8), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&address, &n), 0);

    PQconninfoOption *parsed = PQconninfoParse(getenv("DATABASE_URL"), NULL);
    struct buf url = {0};
    buf_printf(&url, "user=%s dbname=%s host=/nowhere,127.1,no.such.name.invalid,%s port=5432,%d,5432,5432",
               value_of(parsed, "user"), value_of(parsed, "dbname"), value_of(parsed, "host"), ntohs(address.sin_port));
    struct pg *pg = pg_new(buf_cstr(&url), "test", 0);
    int64_t began = clock_mono_ns();
    int64_t first = number(pg, &pid);
    assert_true(clock_mono_ns() - began >= PG_DIAL_EACH_MS * INT64_C(1000000));
    // The server that answered is asked first when the connection was only closed, as after an error of ours.
    assert_int_equal(pg_command(pg, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '26000'; END $$"), PG_AGAIN);
    began = clock_mono_ns();
    assert_true(number(pg, &pid) != first);
    assert_true(clock_mono_ns() - began < PG_DIAL_EACH_MS * INT64_C(1000000));
    pg_free(pg);
    buf_fini(&url);
    PQconninfoFree(parsed);
    close(silent);
}

static void plans_are_made_again_while_a_database_is_young(void **state)
{
    static const struct pg_statement prepared = {"prepared_at",
                                                 "SELECT (extract(epoch FROM prepare_time) * 1000000)::bigint FROM "
                                                 "pg_prepared_statements WHERE name = 'prepared_at'"};
    int64_t first = number(*state, &prepared);
    assert_true(number(*state, &prepared) == first);
    assert_int_equal(pg_command(*state, "SELECT pg_sleep(1.1)"), PG_OK);
    int64_t second = number(*state, &prepared);
    assert_true(second > first);
    assert_true(number(*state, &prepared) == second);
}

static void a_pipeline_is_all_or_nothing(void **state)
{
    const char *const a[] = {"a", "1"}, *const b[] = {"b", "2"}, *const bad[] = {"c", "0"};
    struct pg_call good[] = {{&insert, 2, a, NULL}, {&insert, 2, b, NULL}, {&count, 0, NULL, NULL}};
    assert_int_equal(pg_pipeline(*state, good, COUNT(good)), PG_OK);
    assert_str(pg_str(good[1].rows, 0, 0), "b");
    assert_true(pg_i64(good[2].rows, 0, 0) == 2);
    for (size_t i = 0; i < COUNT(good); i++)
        PQclear(good[i].rows);

    const char *const d[] = {"d", "1"};
    struct pg_call refused[] = {{&insert, 2, d, NULL}, {&insert, 2, bad, NULL}, {&count, 0, NULL, NULL}};
    assert_int_equal(pg_pipeline(*state, refused, COUNT(refused)), PG_REFUSED);
    struct pg_call again[] = {{&insert, 2, d, NULL}, {&insert, 2, a, NULL}};
    assert_int_equal(pg_pipeline(*state, again, COUNT(again)), PG_AGAIN);
    assert_null(again[0].rows);
    assert_int_equal(number(*state, &count), 2);
    struct pg_call lost[] = {{&insert, 2, d, NULL}, {&kill, 0, NULL, NULL}};
    assert_int_equal(pg_pipeline(*state, lost, COUNT(lost)), PG_DOWN);
    assert_int_equal(number(*state, &count), 2);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    // These failures are intended.
    log_init("test", LOG_LEVEL__MAX);
#define PG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        PG_TEST(getters_read_binary_values),
        PG_TEST(elements_of_an_array_are_views),
        PG_TEST(outcomes_are_told_apart),
        PG_TEST(what_is_away_is_told_from_what_is_broken),
        PG_TEST(a_plan_that_a_migration_overtook_is_made_anew),
        PG_TEST(a_cancelled_statement_keeps_the_connection),
        PG_TEST(a_lost_connection_is_made_anew_and_its_statements_prepared_again),
        PG_TEST(a_link_that_died_while_idle_costs_nobody_an_error),
        PG_TEST(an_absent_database_costs_nothing_between_two_tries),
        PG_TEST(a_statement_without_an_answer_is_given_up),
        PG_TEST(hosts_have_their_turn_one_after_the_other),
        PG_TEST(plans_are_made_again_while_a_database_is_young),
        PG_TEST(a_pipeline_is_all_or_nothing),
    };
    return cmocka_run_group_tests_name("lib pg", tests, NULL, NULL);
}
