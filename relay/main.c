// SPDX-License-Identifier: Apache-2.0
// trace-relay: passes hints between the machines over NATS (docs/scale.md). To the writers of its machine it is one
// more pusher, and to the pushers one more writer.
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/signals.h"
#include "base/version.h"
#include "relay/bridge.h"
#include "relay/loop.h"
#include "relay/publish.h"
#include "relay/questions.h"
#include "relay/texts.h"
#include "wire/socket.h"

static int usage(FILE *out, int status)
{
    fputs("usage: trace-relay\n\nPasses hints between machines. It is configured by the environment:\n\n", out);
    config_print(out);
    return status;
}

static _Noreturn void refuse(const char *key, const char *why)
{
    fprintf(stderr, "trace-relay: %s: %s\n", key, why);
    exit(2);
}

static uid_t user_of_programs(void)
{
    const char *name = config_text(CONFIG_RELAY_USER);
    if (!name[0])
        return geteuid();
    const struct passwd *user = getpwnam(name);
    if (!user)
        refuse("TRACE_RELAY_USER", "there is no such user");
    return user->pw_uid;
}

// A namespace is one word of a subject.
static char *prefix_of_namespace(void)
{
    const char *name = config_text(CONFIG_NAMESPACE);
    if (!name[0] || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != strlen(name))
        refuse("TRACE_NAMESPACE", "a word of letters, digits, '_' and '-'");
    struct buf prefix = {0};
    buf_printf(&prefix, "trace.%s.", name);
    return buf_take(&prefix);
}

static void *subscribe(void *context, struct str room)
{
    struct relay *relay = context;
    struct buf subject = {0};
    publish_subject(&subject, relay, room);
    struct bridge_subscription *subscription = bridge_subscribe(relay->bridge, subject.p);
    buf_fini(&subject);
    return subscription;
}

static void unsubscribe(void *context, void *subscription)
{
    (void)context;
    bridge_unsubscribe(subscription);
}

static void set_up(struct relay *relay)
{
    relay->programs = user_of_programs();
    relay->prefix = prefix_of_namespace();
    relay->key = str_from(config_text(CONFIG_BUS_KEY));
    if (relay->key.n < SEAL_KEY_LEAST)
        refuse("TRACE_BUS_KEY", "at least 32 characters, the same on all machines");
    if (!config_text(CONFIG_RELAY_DIR)[0])
        refuse("TRACE_RELAY_DIR", "it is missing");
    if (!config_text(CONFIG_NATS_URL)[0])
        refuse("TRACE_NATS_URL", "it is missing");
    relay->epoll = -1;
    while (!relay->self)
        id_random(&relay->self, sizeof relay->self);
    list_init(&relay->peers);
    relay->questions = questions_new();
    relay->texts = texts_new();
    relay->followed = followed_new((struct followed_hooks){relay, subscribe, unsubscribe});
}

static int run(struct relay *relay)
{
    char name[SOCKET_NAME_SIZE], hints[UNIX_SOCKET_PATH_SIZE], links[UNIX_SOCKET_PATH_SIZE];
    char http[UNIX_SOCKET_PATH_SIZE];
    (void)config_relay_socket(hints, socket_name(name, SOCKET_RELAY_HINTS, 0));
    (void)config_relay_socket(links, socket_name(name, SOCKET_RELAY_LINKS, 0));
    (void)config_relay_socket(http, socket_name(name, SOCKET_RELAY_HTTP, 0));
    const struct bridge_settings nats = {config_text(CONFIG_NATS_URL), config_text(CONFIG_NATS_CA)};
    relay->bridge = bridge_new(&nats);
    if (!relay->bridge)
        return -1;
    struct buf own = {0};
    texts_address(&own, relay->self);
    void *all = subscribe(relay, PUBLISH_RELAYS), *answers = subscribe(relay, buf_view(&own));
    buf_fini(&own);
    int outcome = loop_run(relay, &(struct loop_paths){hints, links, http});
    unsubscribe(relay, all);
    unsubscribe(relay, answers);
    return outcome;
}

int main(int argc, char **argv)
{
    if (version_answered("trace-relay", argc, argv))
        return 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, 0);
    if (argc != 1)
        return usage(stderr, 2);
    privilege_refuse_root("trace-relay");
    // The table of keys asks for a database, and the relay is to know none.
    if (setenv("TRACE_DATABASE_URL", "none", 1))
        abort();
    config_init("trace-relay");
    // libnats makes threads, which inherit what is blocked.
    signals_block();
    struct relay *relay = mem_zero(sizeof *relay);
    set_up(relay);
    int outcome = run(relay);
    followed_free(relay->followed);
    bridge_free(relay->bridge);
    questions_free(relay->questions);
    texts_free(relay->texts);
    free(relay->prefix);
    free(relay);
    return outcome ? 1 : 0;
}
