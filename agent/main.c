/*
 * trace-agent: answers what people ask its persona, with a model and tools, and shows its work in Agent Trace. An
 * ordinary client of the API with a token; it keeps nothing, so it can be killed and run twice.
 */
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/config.h"
#include "agent/duty.h"
#include "agent/http.h"
#include "agent/log.h"
#include "agent/page_text.h"

static sigset_t ending_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

static void *wait_for_signals(void *arg)
{
    sigset_t set = ending_signals();
    int number;

    for (;;)
        if (sigwait(&set, &number) == 0)
            duty_end(arg);
    return NULL;
}

static int serve(const struct config *config)
{
    sigset_t set = ending_signals();
    struct duty *duty;
    pthread_t signals;

    /* Before the first thread, so that every one inherits it. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return EXIT_FAILURE;
    json_object_seed(0);
    if (http_global_init() != 0 || page_text_init() != 0)
        return EXIT_FAILURE;
    duty = duty_new(config);
    if (duty == NULL)
        return EXIT_FAILURE;
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
    struct config config;

    if (argc == 3 && strcmp(argv[1], PAGE_TEXT_OPTION) == 0)
        return page_text_child(argv[2]);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        config_print_help(stdout);
        return EXIT_SUCCESS;
    }
    if (argc != 1) {
        config_print_help(stderr);
        return 2;
    }
    if (geteuid() == 0) {
        fprintf(stderr,
                "trace-agent: does not run as root; start it as another user: runuser -u agent-trace -- trace-agent\n");
        return 2;
    }
    if (config_load(&config) != 0)
        return 2;
    if (log_set_level(config.log_level) != 0) {
        fprintf(stderr, "trace-agent: TRACE_LOG_LEVEL must be error, warning, info or debug\n");
        return 2;
    }
    return serve(&config);
}
