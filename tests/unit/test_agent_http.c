// SPDX-License-Identifier: Apache-2.0
// The agent's transfers where nobody answers.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <netdb.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "agent/http.h"

#define SILENCE_MS 60000

static atomic_bool is_over;
static atomic_int threads; // of the resolver, in getaddrinfo()

// In place of the C library's: a resolver whose servers are silent.
int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict result)
{
    (void)name;
    (void)service;
    (void)hints;
    (void)result;
    threads++;
    for (int ms = 0; ms < SILENCE_MS && !is_over; ms += 10)
        (void)usleep(10000);
    threads--;
    return EAI_AGAIN;
}

static int64_t abort_soon(void *http)
{
    http_abort(http);
    return 0;
}

static void a_name_that_is_not_resolved_holds_up_nobody(void **state)
{
    const struct http_request request = {.url = "http://silent.example/", .total_ms = 200};
    struct http *http = http_new();
    struct http_reply reply;
    int64_t began = clock_mono_ms();

    (void)state;
    http_run(http, &request, &reply);
    assert_int_equal(reply.end, HTTP_STALLED);
    http_reply_fini(&reply);
    http_set_ticker(http, abort_soon, http);
    http_run(http, &request, &reply);
    assert_int_equal(reply.end, HTTP_ABORTED);
    http_reply_fini(&reply);
    http_free(http);
    assert_true(clock_mono_ms() - began < SILENCE_MS / 2);
    is_over = true;
    while (threads > 0)
        (void)usleep(1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_not_resolved_holds_up_nobody),
    };
    if (http_global_init() != 0)
        return 1;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
