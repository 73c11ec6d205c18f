// SPDX-License-Identifier: Apache-2.0
#include "relay/bridge.h"

#include <errno.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/log.h"

enum {
    SERVERS_MAX = 16,
    QUEUE_BYTES_MAX = 32 << 20,
    RECONNECT_MS = 250,
    PING_MS = 2000,
    PINGS_OUT = 2,
    WRITE_MS = 200,
    CONNECT_MS = 2000
};

struct item {
    struct item *next;
    struct bridge_arrival arrival;
};

struct bridge {
    natsConnection *connection;
    int wake;
    pthread_mutex_t lock; // over what follows
    struct item *first, **last;
    size_t bytes;
    uint64_t dropped;
};

static void wake(struct bridge *bridge)
{
    uint64_t one = 1;
    // It fails only when the counter is at its end, and then the loop is awake.
    ssize_t written = write(bridge->wake, &one, sizeof one);
    (void)written;
}

static void arrived(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *context)
{
    struct bridge *bridge = context;
    (void)connection;
    (void)subscription;
    struct item *item = mem_zero(sizeof *item);
    item->arrival.subject = mem_dup(str_from(natsMsg_GetSubject(message)));
    buf_bytes(&item->arrival.body, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    natsMsg_Destroy(message);
    size_t bytes = sizeof *item + item->arrival.body.n;
    (void)pthread_mutex_lock(&bridge->lock);
    bool fits = bridge->bytes + bytes <= QUEUE_BYTES_MAX;
    if (fits) {
        *bridge->last = item;
        bridge->last = &item->next;
        bridge->bytes += bytes;
    } else {
        bridge->dropped++;
    }
    (void)pthread_mutex_unlock(&bridge->lock);
    if (fits) {
        wake(bridge);
        return;
    }
    bridge_arrival_fini(&item->arrival);
    free(item);
}

static void changed(natsConnection *connection, void *context)
{
    (void)connection;
    wake(context);
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

static natsStatus set_options(natsOptions *options, const struct bridge_settings *settings, struct bridge *bridge)
{
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
    SET(natsOptions_SetRetryOnFailedConnect(options, true, changed, bridge));
#undef SET
    return s;
}

static struct bridge *fail(struct bridge *bridge, natsStatus status)
{
    const char *why = nats_GetLastError(NULL);
    log_error("cannot use NATS: %s", why && why[0] ? why : natsStatus_GetText(status));
    bridge_free(bridge);
    return NULL;
}

struct bridge *bridge_new(const struct bridge_settings *settings)
{
    struct bridge *bridge = mem_zero(sizeof *bridge);
    natsOptions *options = NULL;
    bridge->last = &bridge->first;
    bridge->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (bridge->wake < 0 || pthread_mutex_init(&bridge->lock, NULL))
        abort();
    natsStatus status = nats_Open(-1);
    if (status == NATS_OK)
        status = nats_SetMessageDeliveryPoolSize(1);
    if (status == NATS_OK)
        status = natsOptions_Create(&options);
    if (status == NATS_OK)
        status = set_options(options, settings, bridge);
    if (status == NATS_OK)
        status = natsConnection_Connect(&bridge->connection, options);
    natsOptions_Destroy(options);
    return status == NATS_OK || status == NATS_NOT_YET_CONNECTED ? bridge : fail(bridge, status);
}

void bridge_free(struct bridge *bridge)
{
    if (!bridge)
        return;
    natsConnection_Destroy(bridge->connection);
    // Waits for the threads, so that no callback comes any more.
    (void)nats_CloseAndWait(0);
    struct bridge_arrival arrival;
    while (bridge_next(bridge, &arrival))
        bridge_arrival_fini(&arrival);
    (void)pthread_mutex_destroy(&bridge->lock);
    (void)close(bridge->wake);
    free(bridge);
}

int bridge_fd(const struct bridge *bridge)
{
    return bridge->wake;
}

bool bridge_is_up(const struct bridge *bridge)
{
    return natsConnection_Status(bridge->connection) == NATS_CONN_STATUS_CONNECTED;
}

const char *bridge_error(struct bridge *bridge)
{
    const char *text = NULL;
    natsStatus status = natsConnection_GetLastError(bridge->connection, &text);
    return text && text[0] ? text : status == NATS_OK ? "no server answers" : natsStatus_GetText(status);
}

void *bridge_subscribe(struct bridge *bridge, const char *subject)
{
    natsSubscription *subscription = NULL;
    natsStatus status = natsConnection_Subscribe(&subscription, bridge->connection, subject, arrived, bridge);
    if (status != NATS_OK)
        log_error("cannot subscribe to %s: %s", subject, natsStatus_GetText(status));
    return subscription;
}

void bridge_unsubscribe(struct bridge *bridge, void *subscription)
{
    (void)bridge;
    (void)natsSubscription_Unsubscribe(subscription);
    natsSubscription_Destroy(subscription);
}

int bridge_publish(struct bridge *bridge, const char *subject, struct str body)
{
    if (!bridge_is_up(bridge))
        return -1;
    return natsConnection_Publish(bridge->connection, subject, body.p, (int)body.n) == NATS_OK ? 0 : -1;
}

void bridge_take(struct bridge *bridge)
{
    uint64_t count;
    ssize_t n = read(bridge->wake, &count, sizeof count);
    (void)n;
}

bool bridge_next(struct bridge *bridge, struct bridge_arrival *arrival)
{
    (void)pthread_mutex_lock(&bridge->lock);
    struct item *item = bridge->first;
    if (item) {
        bridge->first = item->next;
        if (!bridge->first)
            bridge->last = &bridge->first;
        bridge->bytes -= sizeof *item + item->arrival.body.n;
    }
    (void)pthread_mutex_unlock(&bridge->lock);
    if (!item)
        return false;
    *arrival = item->arrival;
    free(item);
    return true;
}

void bridge_arrival_fini(struct bridge_arrival *arrival)
{
    free(arrival->subject);
    buf_fini(&arrival->body);
}

uint64_t bridge_dropped(struct bridge *bridge)
{
    (void)pthread_mutex_lock(&bridge->lock);
    uint64_t dropped = bridge->dropped;
    (void)pthread_mutex_unlock(&bridge->lock);
    return dropped;
}
