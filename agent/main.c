// SPDX-License-Identifier: Apache-2.0
// trace-agent: answers what people ask its persona, with a model and tools, and shows its work in Agent Trace. It is an
// ordinary client of the API with a token. It keeps no state, so it can be killed at any time, and several can run.
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/settings.h"
#include "agent/duty.h"
#include "agent/http.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/signals.h"
#include "agent/mcp/child.h"
#include "agent/page_text.h"
#include "agent/self.h"
#include "base/version.h"

static void *wait_for_signals(void *arg)
{
    sigset_t set = signals_ending();
    int number;
    for (;;)
        if (sigwait(&set, &number) == 0)
            duty_end(arg);
    return NULL;
}

static int serve(const struct settings *settings)
{
    signals_block(); // before the first thread starts, so that every thread inherits it
    json_object_seed(0);
    if (http_global_init() != 0 || self_init() != 0)
        return EXIT_FAILURE;
    if (settings->servers.count > 0)
        child_prepare();
    struct duty *duty = duty_new(settings);
    if (!duty)
        return EXIT_FAILURE;
    pthread_t signals;
    if (pthread_create(&signals, NULL, wait_for_signals, duty) != 0)
        abort();
    duty_run(duty);
    (void)pthread_cancel(signals);
    (void)pthread_join(signals, NULL);
    duty_free(duty);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], PAGE_TEXT_OPTION) == 0)
        return page_text_child(argv[2]);
    if (argc >= 2 && strcmp(argv[1], CHILD_OPTION) == 0)
        return child_become(argv + 2);
    if (version_answered("trace-agent", argc, argv))
        return EXIT_SUCCESS;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        settings_print_help(stdout);
        return EXIT_SUCCESS;
    }
    if (argc != 1) {
        settings_print_help(stderr);
        return 2;
    }
    privilege_refuse_root("trace-agent");
    static struct settings settings;
    if (settings_load(&settings) != 0)
        return 2;
    return serve(&settings);
}
