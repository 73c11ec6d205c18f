// SPDX-License-Identifier: Apache-2.0
#include "relay/bridge.h"

#include <nats/nats.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "base/log.h"
#include "relay/arrivals.h"

enum {
    SERVERS_MAX = 16,
    RECONNECT_MS = 250,
    PING_MS = 2000,
    PINGS_OUT = 2,
    WRITE_MS = 200,
    CONNECT_MS = 2000,
    AGAIN_MS = 1000,   // between two attempts of ours, which begin
    PATIENCE_MS = 5000 // when libnats has tried for that long, or has given up
};

struct bridge_subscription {
    struct link all; // in the bridge's
    char *subject;
    natsSubscription *made; // NULL: it could not be made
};

// A connection that a thread tries to make.
struct attempt {
    natsConnection *connection;
    natsStatus status;
    struct buf why;
    bool is_over;
};

struct bridge {
    natsConnection *connection;
    struct bridge_settings settings;
    struct list subscriptions;
    int64_t down_since_ns; // 0: it is up
    int64_t again_at_ns;
    pthread_t thread;
    bool is_trying; // there is that thread
    bool is_refused;
    struct buf why; // what the last attempt failed with, while it is down
    struct arrivals *arrivals;
    pthread_mutex_t lock; // over what follows
    struct attempt attempt;
};

static void arrived(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *context)
{
    struct bridge *bridge = context;
    (void)connection;
    (void)subscription;
    arrivals_put(bridge->arrivals, str_from(natsMsg_GetSubject(message)),
                 (struct str){natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)});
    natsMsg_Destroy(message);
}

static void changed(natsConnection *connection, void *context)
{
    struct bridge *bridge = context;
    (void)connection;
    arrivals_wake(bridge->arrivals);
}

// Without a handler libnats prints errors, such as those of a slow consumer, by itself. Whatever they are, the pushers
// compare their counters with the database.
static void ignore(natsConnection *connection, natsSubscription *subscription, natsStatus error, void *context)
{
    (void)connection;
    (void)subscription;
    (void)error;
    (void)context;
}

static natsStatus set_servers(natsOptions *options, const char *url)
{
    struct str rest = str_from(url);
    const char *servers[SERVERS_MAX];
    char *copies[SERVERS_MAX];
    int n = 0;
    while (rest.n && n < SERVERS_MAX) {
        copies[n] = mem_dup(str_cut(&rest, ','));
        servers[n] = copies[n];
        n++;
    }
    natsStatus status = rest.n ? NATS_INVALID_ARG : natsOptions_SetServers(options, servers, n);
    while (n > 0)
        free(copies[--n]);
    return status;
}

static natsStatus set_options(natsOptions *options, struct bridge *bridge)
{
    const struct bridge_settings *settings = &bridge->settings;
    natsStatus s = set_servers(options, settings->url);
    if (s == NATS_OK && settings->ca[0] != '\0')
        s = natsOptions_SetSecure(options, true);
    if (s == NATS_OK && settings->ca[0] != '\0')
        s = natsOptions_LoadCATrustedCertificates(options, settings->ca);
#define SET(call) s = s == NATS_OK ? (call) : s
    SET(natsOptions_SetName(options, "trace-relay"));
    SET(natsOptions_SetNoEcho(options, true));
    SET(natsOptions_UseGlobalMessageDelivery(options, true));
    SET(natsOptions_SetSendAsap(options, true));
    SET(natsOptions_SetMaxReconnect(options, -1));
    SET(natsOptions_SetReconnectWait(options, RECONNECT_MS));
    SET(natsOptions_SetReconnectJitter(options, RECONNECT_MS, RECONNECT_MS));
    SET(natsOptions_SetPingInterval(options, PING_MS));
    SET(natsOptions_SetMaxPingsOut(options, PINGS_OUT));
    SET(natsOptions_SetWriteDeadline(options, WRITE_MS));
    SET(natsOptions_SetTimeout(options, CONNECT_MS));
    SET(natsOptions_SetErrorHandler(options, ignore, NULL));
    SET(natsOptions_SetDisconnectedCB(options, changed, bridge));
    SET(natsOptions_SetReconnectedCB(options, changed, bridge));
    SET(natsOptions_SetClosedCB(options, changed, bridge));
#undef SET
    return s;
}

// `retries`: libnats goes on by itself if there is no server yet. Without that it waits, and says what is wrong.
static natsStatus dial(struct bridge *bridge, bool retries, natsConnection **connection)
{
    natsOptions *options = NULL;
    natsStatus status = natsOptions_Create(&options);
    if (status == NATS_OK)
        status = set_options(options, bridge);
    if (status == NATS_OK && retries)
        status = natsOptions_SetRetryOnFailedConnect(options, true, changed, bridge);
    if (status == NATS_OK)
        status = natsConnection_Connect(connection, options);
    natsOptions_Destroy(options);
    return status;
}

// Of the last error on this thread. libnats puts the place in its source before it: "(conn.c:733): ".
static void print_error(struct buf *out, natsStatus status)
{
    const char *text = nats_GetLastError(NULL);
    const char *behind = text ? strstr(text, "): ") : NULL;
    buf_str(out, str_from(natsStatus_GetText(status)));
    if (text && text[0])
        buf_printf(out, ": %s", behind ? behind + 3 : text);
    (void)buf_cstr(out);
}

static struct bridge *fail(struct bridge *bridge, natsStatus status)
{
    struct buf why = {0};
    print_error(&why, status);
    log_error("cannot use NATS: %s", why.p);
    buf_fini(&why);
    bridge_free(bridge);
    return NULL;
}

struct bridge *bridge_new(const struct bridge_settings *settings)
{
    struct bridge *bridge = mem_zero(sizeof *bridge);
    bridge->settings = *settings;
    list_init(&bridge->subscriptions);
    bridge->arrivals = arrivals_new();
    if (pthread_mutex_init(&bridge->lock, NULL))
        abort();
    natsStatus status = nats_Open(-1);
    if (status == NATS_OK)
        status = nats_SetMessageDeliveryPoolSize(1);
    if (status == NATS_OK)
        status = dial(bridge, true, &bridge->connection);
    return status == NATS_OK || status == NATS_NOT_YET_CONNECTED ? bridge : fail(bridge, status);
}

void bridge_free(struct bridge *bridge)
{
    if (!bridge)
        return;
    if (bridge->is_trying)
        (void)pthread_join(bridge->thread, NULL);
    natsConnection_Destroy(bridge->attempt.connection);
    natsConnection_Destroy(bridge->connection);
    // Waits for the threads, so that no callback comes any more.
    (void)nats_CloseAndWait(0);
    arrivals_free(bridge->arrivals);
    buf_fini(&bridge->attempt.why);
    buf_fini(&bridge->why);
    (void)pthread_mutex_destroy(&bridge->lock);
    free(bridge);
}

static void *try_again(void *context)
{
    struct bridge *bridge = context;
    struct attempt attempt = {.is_over = true};
    attempt.status = dial(bridge, false, &attempt.connection);
    if (attempt.status != NATS_OK)
        print_error(&attempt.why, attempt.status);
    (void)pthread_mutex_lock(&bridge->lock);
    bridge->attempt = attempt;
    (void)pthread_mutex_unlock(&bridge->lock);
    arrivals_wake(bridge->arrivals);
    return NULL;
}

static void subscribe(struct bridge *bridge, struct bridge_subscription *subscription)
{
    natsStatus status =
        natsConnection_Subscribe(&subscription->made, bridge->connection, subscription->subject, arrived, bridge);
    if (status != NATS_OK)
        log_error("cannot subscribe to %s: %s", subscription->subject, natsStatus_GetText(status));
}

static void move_to(struct bridge *bridge, natsConnection *connection)
{
    natsConnection_Destroy(bridge->connection);
    bridge->connection = connection;
    for (struct link *link = bridge->subscriptions.head.next; link != &bridge->subscriptions.head; link = link->next) {
        struct bridge_subscription *subscription = LIST_OWNER(link, struct bridge_subscription, all);
        natsSubscription_Destroy(subscription->made);
        subscription->made = NULL;
        subscribe(bridge, subscription);
    }
}

// What the thread has come to, if it has.
static void take_attempt(struct bridge *bridge)
{
    (void)pthread_mutex_lock(&bridge->lock);
    struct attempt attempt = bridge->attempt;
    bridge->attempt = (struct attempt){0};
    (void)pthread_mutex_unlock(&bridge->lock);
    if (!attempt.is_over)
        return;
    (void)pthread_join(bridge->thread, NULL);
    bridge->is_trying = false;
    buf_fini(&bridge->why);
    bridge->why = attempt.why;
    bridge->is_refused =
        attempt.status != NATS_OK && attempt.status != NATS_NO_SERVER && attempt.status != NATS_TIMEOUT;
    if (attempt.connection && bridge_is_up(bridge))
        natsConnection_Destroy(attempt.connection);
    else if (attempt.connection)
        move_to(bridge, attempt.connection);
}

static bool is_given_up(const struct bridge *bridge)
{
    return natsConnection_Status(bridge->connection) == NATS_CONN_STATUS_CLOSED;
}

void bridge_mend(struct bridge *bridge, int64_t now_ns)
{
    if (bridge->is_trying)
        take_attempt(bridge);
    if (bridge_is_up(bridge)) {
        bridge->down_since_ns = 0;
        bridge->is_refused = false;
        buf_clear(&bridge->why);
        return;
    }
    if (!bridge->down_since_ns)
        bridge->down_since_ns = now_ns;
    bool is_due = is_given_up(bridge) || now_ns - bridge->down_since_ns > PATIENCE_MS * INT64_C(1000000);
    if (!is_due || bridge->is_trying || now_ns < bridge->again_at_ns)
        return;
    bridge->again_at_ns = now_ns + AGAIN_MS * INT64_C(1000000);
    bridge->is_trying = pthread_create(&bridge->thread, NULL, try_again, bridge) == 0;
}

struct arrivals *bridge_arrivals(const struct bridge *bridge)
{
    return bridge->arrivals;
}

bool bridge_is_up(const struct bridge *bridge)
{
    return natsConnection_Status(bridge->connection) == NATS_CONN_STATUS_CONNECTED;
}

// What libnats itself has met counts, too: an attempt of ours would find the same reason a moment later.
bool bridge_is_refused(const struct bridge *bridge)
{
    const char *text;
    return bridge->is_refused || natsConnection_GetLastError(bridge->connection, &text) == NATS_CONNECTION_AUTH_FAILED;
}

const char *bridge_error(struct bridge *bridge)
{
    if (bridge->why.n)
        return bridge->why.p;
    if (is_given_up(bridge))
        return NULL;
    const char *text = NULL;
    natsStatus status = natsConnection_GetLastError(bridge->connection, &text);
    return text && text[0] ? text : status == NATS_OK ? "no server answers" : natsStatus_GetText(status);
}

struct bridge_subscription *bridge_subscribe(struct bridge *bridge, const char *subject)
{
    struct bridge_subscription *subscription = mem_zero(sizeof *subscription);
    subscription->subject = mem_dup(str_from(subject));
    list_join(&bridge->subscriptions, &subscription->all);
    // A connection that is closed for good is replaced, and then it is made.
    if (!is_given_up(bridge))
        subscribe(bridge, subscription);
    return subscription;
}

void bridge_unsubscribe(struct bridge_subscription *subscription)
{
    if (!subscription)
        return;
    list_leave(&subscription->all);
    (void)natsSubscription_Unsubscribe(subscription->made);
    natsSubscription_Destroy(subscription->made);
    free(subscription->subject);
    free(subscription);
}

int bridge_publish(struct bridge *bridge, const char *subject, struct str body)
{
    if (!bridge_is_up(bridge))
        return -1;
    return natsConnection_Publish(bridge->connection, subject, body.p, (int)body.n) == NATS_OK ? 0 : -1;
}
