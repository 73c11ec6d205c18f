// SPDX-License-Identifier: Apache-2.0
// The demo model: what it reads, what it plans, how it answers, and its faults.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/demo/conn.h"
#include "agent/demo/fault.h"
#include "agent/demo/findings.h"
#include "agent/demo/plan.h"
#include "agent/demo/request.h"
#include "agent/demo/script.h"
#include "agent/demo/words.h"
#include "base/buf.h"

#define POST "POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"

struct http_sample {
    const char *bytes;
    enum request_result result;
    const char *body;
};

static const struct http_sample samples[] = {
    {"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", REQUEST_WHOLE, ""},
    {POST "Content-Length: 5\r\n\r\nhello", REQUEST_WHOLE, "hello"},
    {POST "content-length:5\r\n\r\nhello", REQUEST_WHOLE, "hello"},
    {POST CHUNKED "5\r\nhello\r\nA;x=y\r\n, chunked.\r\n0\r\n\r\n", REQUEST_WHOLE, "hello, chunked."},
    {POST "Transfer-Encoding: Chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n", REQUEST_WHOLE, ""},
    {POST "Content-Length: x\r\n\r\n", REQUEST_BAD, NULL},
    {POST "Content-Length: -1\r\n\r\n", REQUEST_BAD, NULL},
    {POST "Content-Length: \r\n\r\n", REQUEST_BAD, NULL},
    {POST "Content-Length: 99999999999999999999\r\n\r\n", REQUEST_TOO_LARGE, NULL},
    {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", REQUEST_BAD, NULL},
    {POST "Transfer-Encoding: gzip\r\n\r\n", REQUEST_BAD, NULL},
    {POST CHUNKED "zz\r\n", REQUEST_BAD, NULL},
    {POST CHUNKED "2\r\nabc\r\n", REQUEST_BAD, NULL},
    {POST CHUNKED "FFFFFFFFFF\r\n", REQUEST_TOO_LARGE, NULL},
    {"nonsense\r\n\r\n", REQUEST_BAD, NULL},
    {"GET / HTTP/2.0\r\n\r\n", REQUEST_BAD, NULL},
};

static void expect_more(const char *bytes, size_t n)
{
    char *part = mem_zero(n + 1); // ended by NUL, as the input always is
    memcpy(part, bytes, n);
    struct request request;
    assert_int_equal(request_parse(part, n, &request), REQUEST_MORE);
    request_fini(&request);
    free(part);
}

static void requests_at_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        size_t n = strlen(samples[i].bytes);
        for (size_t at = 0; at < n && samples[i].result == REQUEST_WHOLE; at++)
            expect_more(samples[i].bytes, at);
        struct request request;
        assert_int_equal(request_parse(samples[i].bytes, n, &request), samples[i].result);
        if (samples[i].body) {
            assert_string_equal(buf_cstr(&request.body), samples[i].body);
            assert_int_equal(request.used, n);
            assert_true(request.keep_alive);
        }
        request_fini(&request);
    }
}

static void request_head(void **state)
{
    static const char bytes[] = "GET /a?b HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\n\r\nnext";
    struct buf long_head = {0};
    (void)state;
    struct request request;
    assert_int_equal(request_parse(bytes, sizeof bytes - 1, &request), REQUEST_WHOLE);
    assert_int_equal(request.used, sizeof bytes - 5);
    assert_string_equal(request.path, "/a");
    assert_string_equal(request.method, "GET");
    assert_false(request.keep_alive);
    assert_true(request.expects_continue);
    request_fini(&request);
    for (size_t i = 0; i <= REQUEST_HEAD_MAX; i++)
        buf_char(&long_head, 'x');
    assert_int_equal(request_parse(long_head.p, long_head.n, &request), REQUEST_TOO_LARGE);
    buf_fini(&long_head);
}

static void expect_words(const char *question, const char *expected)
{
    struct buf joined = {0};
    struct words words;
    words_find(question, &words);
    words_join(&words, 3, &joined);
    assert_string_equal(buf_cstr(&joined), expected);
    words_fini(&words);
    buf_fini(&joined);
}

static void words(void **state)
{
    (void)state;
    expect_words("@ariadne what did we decide about the deploy pipeline?", "deploy pipeline");
    expect_words("Hello there!", "");
    expect_words("", "");
    expect_words("Budget BUDGET budget", "budget");
    expect_words("[fault:stall] see https://x.example/budget release", "see release");
    expect_words("größe der self-hosted Datenbank", "größe self-hosted datenbank");
    struct words found;
    words_find("one cat giraffe elephant", &found);
    assert_string_equal(words_by_length(&found, 0), "elephant");
    assert_string_equal(words_by_length(&found, 1), "giraffe");
    assert_null(words_by_length(&found, 3));
    words_fini(&found);
}

static const char outputs[] =
    "<tool_output tool=\"workspace_search\">\n\n"
    "[1] Ada in #general, 2026-01-02\nlink: /w/a/s/b?m=c\ntext: We ship\non  Tuesday.\n\n"
    "[2] Bob in #general, 2026-01-03\nlink: /w/a/s/b?m=d\ntext: link: not a link\n</tool_output>";

static void findings(void **state)
{
    struct findings found = {0};
    (void)state;
    findings_read(&found, outputs, "");
    assert_int_equal(found.count, 2);
    assert_string_equal(buf_cstr(&found.item[0].title), "Ada in #general, 2026-01-02");
    assert_string_equal(buf_cstr(&found.item[0].link), "/w/a/s/b?m=c");
    assert_string_equal(buf_cstr(&found.item[0].excerpt), "We ship on Tuesday.");
    assert_string_equal(buf_cstr(&found.item[1].excerpt), "link: not a link");
    findings_fini(&found);
    findings_read(&found, outputs, "We ship\non  Tuesday.");
    assert_int_equal(found.count, 1);
    findings_fini(&found);
    findings_read(&found, "Error: no.", "");
    assert_int_equal(found.count, 0);
    findings_fini(&found);
}

static json_t *asked(const char *question, size_t searches, const char *output)
{
    json_t *request =
        json_pack("{s:b, s:[{s:s, s:s}], s:[{s:{s:s}}, {s:{s:s}}]}", "stream", 1, "messages", "role", "user", "content",
                  question, "tools", "function", "name", "workspace_search", "function", "name", "visit_page");
    for (size_t i = 0; i < searches; i++)
        json_array_append_new(json_object_get(request, "messages"),
                              json_pack("{s:s, s:s}", "role", "tool", "content", output));
    return request;
}

static void expect_plan(json_t *take_request, const char *tool, const char *said)
{
    struct plan plan;
    assert_int_equal(plan_make(take_request, &plan), 0);
    if (!tool)
        assert_null(plan.tool);
    else
        assert_string_equal(plan.tool, tool);
    assert_non_null(strstr(!tool ? buf_cstr(&plan.content) : buf_cstr(&plan.value), said));
    assert_true(plan.reasoning.n > 0);
    plan_fini(&plan);
    json_decref(take_request);
}

static void plans(void **state)
{
    static const char question[] = "Ada: @ariadne when does the deploy pipeline ship?";
    static const char nothing[] = "<tool_output tool=\"workspace_search\">\nNo messages were found.\n</tool_output>";
    json_t *empty = json_object();
    (void)state;
    expect_plan(asked(question, 0, ""), "workspace_search", "deploy pipeline ship");
    expect_plan(asked(question, 1, nothing), "workspace_search", "pipeline");
    expect_plan(asked(question, 2, nothing), "workspace_search", "deploy");
    expect_plan(asked(question, 3, nothing), NULL, "I found nothing");
    expect_plan(asked(question, 1, outputs), NULL,
                "> We ship on Tuesday.\n>\n> — [Ada in #general, 2026-01-02](/w/a/s/b?m=c)");
    expect_plan(asked("Ada: hello!", 0, ""), NULL, "I am the demo model");
    expect_plan(asked("Ada: read https://x.example/a please", 0, ""), "visit_page", "https://x.example/a");
    struct plan plan;
    assert_int_equal(plan_make(empty, &plan), -1);
    plan_fini(&plan);
    json_decref(empty);
}

static void add_message(json_t *request, const char *role, const char *content)
{
    json_array_append_new(json_object_get(request, "messages"),
                          json_pack("{s:s, s:s}", "role", role, "content", content));
}

static void new_question_is_a_new_search(void **state)
{
    json_t *request = asked("Ada: the deploy pipeline?", 1, outputs);
    (void)state;
    add_message(request, "user", "[Note of the system: new messages]");
    add_message(request, "user", "Bob: rather the budget");
    expect_plan(request, "workspace_search", "rather budget");
}

// What has no words to search for does not replace the question.
static void thanks_is_no_question(void **state)
{
    json_t *request = asked("Ada: the deploy pipeline?", 1, outputs);
    (void)state;
    add_message(request, "assistant", "draft");
    add_message(request, "user", "[Note of the system: new messages]");
    add_message(request, "user", "Bob: thanks!");
    expect_plan(request, NULL, "We ship on Tuesday.");
}

// … but a greeting is not the question of before, which was answered.
static void greeting_is_a_greeting(void **state)
{
    json_t *request = asked("Ada: the deploy pipeline?", 0, "");
    (void)state;
    add_message(request, "assistant", "It ships on Tuesday.");
    add_message(request, "user", "Ada: @ariadne hello");
    expect_plan(request, NULL, "I am the demo model");
}

static void faults(void **state)
{
    (void)state;
    assert_int_equal(fault_of("plain"), FAULT_NONE);
    assert_int_equal(fault_of("x [fault:stall] y"), FAULT_STALL);
    assert_int_equal(fault_of("[fault:429]"), FAULT_BUSY);
    assert_int_equal(fault_of("[fault:unknown]"), FAULT_NONE);
    assert_int_equal(fault_of("[fault:cut:2]"), FAULT_CUT);
    assert_int_equal(fault_of("[fault:cut:2]"), FAULT_CUT);
    assert_int_equal(fault_of("[fault:cut:2]"), FAULT_NONE);
    assert_int_equal(fault_of("[fault:cut:2] another"), FAULT_CUT);
}

// All frames of a script, as a client would get them.
static struct buf play(const char *method, const char *path, const char *body, bool allow_faults, struct script *script)
{
    struct request request = {.keep_alive = true};
    struct script_style style = {.pace_ms = 30, .faults = allow_faults};
    struct buf all = {0};
    memcpy(request.method, method, strlen(method) + 1);
    memcpy(request.path, path, strlen(path) + 1);
    buf_str(&request.body, str_from(body));
    script_write(script, &request, &style);
    for (size_t i = 0; i < script->count; i++)
        buf_bytes(&all, script->frame[i].bytes.p, script->frame[i].bytes.n);
    request_fini(&request);
    return all;
}

struct script_sample {
    const char *method;
    const char *path;
    const char *body;
    const char *begin;
    const char *part;
    enum script_end end;
};

#define ASK(question) "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" question "\"}]}"
#define CHAT "/v1/chat/completions"

static const struct script_sample scripts[] = {
    {"GET", "/v1/models", "", "HTTP/1.1 200 OK", "\"id\":\"demo\"", SCRIPT_KEEP},
    {"GET", CHAT, "", "HTTP/1.1 405", "Allow: POST", SCRIPT_KEEP},
    {"GET", "/", "", "HTTP/1.1 404", "Not Found", SCRIPT_KEEP},
    {"POST", CHAT, "{", "HTTP/1.1 400", "error", SCRIPT_KEEP},
    {"POST", CHAT, "{\"messages\":3}", "HTTP/1.1 400", "error", SCRIPT_KEEP},
    {"POST", CHAT, ASK("hello"), "HTTP/1.1 200", "data: [DONE]\n\n\r\n0\r\n\r\n", SCRIPT_KEEP},
    {"POST", CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}", "HTTP/1.1 200", "\"chat.completion\"",
     SCRIPT_KEEP},
    {"POST", CHAT, ASK("[fault:stall] x"), "HTTP/1.1 200", "reasoning_content", SCRIPT_HANG},
    {"POST", CHAT, ASK("[fault:cut] x"), "HTTP/1.1 200", "reasoning_content", SCRIPT_CLOSE},
    {"POST", CHAT, ASK("[fault:malformed] x"), "HTTP/1.1 200", "\"content\":\n\n", SCRIPT_CLOSE},
    {"POST", CHAT, ASK("[fault:huge] x"), "HTTP/1.1 200", "a very long line", SCRIPT_CLOSE},
    {"POST", CHAT, ASK("[fault:429] x"), "HTTP/1.1 429", "Retry-After: 1", SCRIPT_KEEP},
    {"POST", CHAT, ASK("[fault:500] x"), "HTTP/1.1 500", "error", SCRIPT_KEEP},
    {"POST", CHAT, ASK("[fault:tools] x"), "HTTP/1.1 200", "workspace_search", SCRIPT_KEEP},
    {"POST", CHAT, ASK("[fault:empty] x"), "HTTP/1.1 200", "\"finish_reason\":\"stop\"", SCRIPT_KEEP},
};

static void scripts_of_all_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct script script;
        const struct script_sample *sample = &scripts[i];
        struct buf all = play(sample->method, sample->path, sample->body, true, &script);
        assert_memory_equal(buf_cstr(&all), sample->begin, strlen(sample->begin));
        assert_non_null(strstr(buf_cstr(&all), sample->part));
        assert_int_equal(script.end, sample->end);
        script_fini(&script);
        buf_fini(&all);
    }
}

static void faults_only_when_allowed(void **state)
{
    struct script script;
    struct buf all = play("POST", CHAT, ASK("[fault:429] x"), false, &script);
    (void)state;
    assert_memory_equal(buf_cstr(&all), "HTTP/1.1 200", 12);
    script_fini(&script);
    buf_fini(&all);
}

static void first_token_comes_soon(void **state)
{
    struct script script;
    struct buf all = play("POST", CHAT, ASK("the deploy pipeline"), false, &script);
    int before = 0;
    (void)state;
    for (size_t i = 0; i < script.count && !strstr(buf_cstr(&script.frame[i].bytes), "reasoning_content"); i++)
        before += script.frame[i + 1].delay_ms;
    assert_true(before < 150);
    script_fini(&script);
    buf_fini(&all);
}

// A socket that is closed with unread bytes is reset, and what its client has not read yet is lost with it.
static void an_answer_before_the_whole_request_arrives(void **state)
{
    (void)state;
    static const char head[] = "POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n";
    const struct script_style style = {0};
    char body[32768] = {0}, answer[4096];
    size_t n = 0;
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
    struct conn *conn = conn_new(fd[1], &style);
    assert_int_equal(send(fd[0], head, sizeof head - 1, 0), sizeof head - 1);
    assert_int_equal(conn_work(conn, POLLIN, 0), 0);
    assert_int_equal(send(fd[0], body, sizeof body, MSG_NOSIGNAL), sizeof body);
    assert_int_equal(conn_work(conn, POLLIN, 1), 0);
    assert_in_range(conn_wait_ms(conn, 1), 1, 2000);
    for (ssize_t got; (got = recv(fd[0], answer + n, sizeof answer - 1 - n, 0)) != 0; n += (size_t)got)
        assert_true(got > 0);
    answer[n] = '\0';
    assert_non_null(strstr(answer, "HTTP/1.1 413"));
    assert_int_equal(send(fd[0], body, sizeof body, MSG_NOSIGNAL), sizeof body);
    assert_int_equal(close(fd[0]), 0);
    assert_int_equal(conn_work(conn, POLLIN, 2), -1);
    conn_free(conn);
}

static void a_client_that_never_ends_is_not_waited_for(void **state)
{
    (void)state;
    static const char request[] = "nonsense\r\n\r\n";
    const struct script_style style = {0};
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
    struct conn *conn = conn_new(fd[1], &style);
    assert_int_equal(send(fd[0], request, sizeof request - 1, 0), sizeof request - 1);
    assert_int_equal(conn_work(conn, POLLIN, 0), 0);
    int wait_ms = conn_wait_ms(conn, 0);
    assert_true(wait_ms > 0);
    assert_int_equal(conn_work(conn, 0, wait_ms - 1), 0);
    assert_int_equal(conn_work(conn, 0, wait_ms), -1);
    conn_free(conn);
    assert_int_equal(close(fd[0]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_at_every_length),
        cmocka_unit_test(request_head),
        cmocka_unit_test(words),
        cmocka_unit_test(findings),
        cmocka_unit_test(plans),
        cmocka_unit_test(new_question_is_a_new_search),
        cmocka_unit_test(thanks_is_no_question),
        cmocka_unit_test(greeting_is_a_greeting),
        cmocka_unit_test(faults),
        cmocka_unit_test(scripts_of_all_kinds),
        cmocka_unit_test(faults_only_when_allowed),
        cmocka_unit_test(first_token_comes_soon),
        cmocka_unit_test(an_answer_before_the_whole_request_arrives),
        cmocka_unit_test(a_client_that_never_ends_is_not_waited_for),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
