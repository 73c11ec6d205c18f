// SPDX-License-Identifier: Apache-2.0
// Deliveries are signed as Standard Webhooks says (standardwebhooks.com): webhook-id, webhook-timestamp and
// webhook-signature, the last being HMAC-SHA-256 over the other two and the body. A delivery is taken up for longer
// than sending can take; if this process dies in between, another takes it up again under the same id.
#include "admin/commands/deliver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "admin/commands/beside.h"
#include "admin/commands/webhook_http.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/mac.h"
#include "store/pg.h"
#include "store/webhook.h"

// A receiver that is silent takes its time of every round: it has few places in one, and is put off for a while.
enum { AT_ONCE = 16, AT_ONCE_EACH = 2, PUT_OFF_S = 60 };
enum { LEASE_S = 30, LOOK_EVERY_MS = 1000, GONE = 410, DEADLINE_MS = 10200 };

static_assert(LEASE_S * 1000 > 2 * WEBHOOK_TIMEOUT_MS, "nobody else takes a delivery up that is being sent");

// How long after each attempt the next one comes; after the last the delivery is given up.
static const int64_t again_s[] = {5, 300, 1800, 7200, 18000, 36000, 36000};

struct parcel {
    struct store_webhook_delivery delivery;
    struct buf id, url, headers[3];
};

static const struct str prefix = {"whsec_", 6};

// What was stored is what base64_encode() printed.
static void sign(struct parcel *parcel, int64_t now_s)
{
    unsigned char mac[MAC_BYTES];
    struct buf key = {0}, signed_text = {0};
    struct str secret = parcel->delivery.secret;
    if (!str_starts(secret, prefix) || base64_decode(&key, str_skip(secret, prefix.n)))
        log_error("the secret of a webhook has no known form: delivery=%s", buf_cstr(&parcel->id));
    buf_printf(&signed_text, "%s.%lld.", buf_cstr(&parcel->id), (long long)now_s);
    buf_str(&signed_text, parcel->delivery.body);
    mac_compute(mac, buf_view(&key), buf_view(&signed_text));
    buf_printf(&parcel->headers[0], "webhook-id: %s", buf_cstr(&parcel->id));
    buf_printf(&parcel->headers[1], "webhook-timestamp: %lld", (long long)now_s);
    buf_lit(&parcel->headers[2], "webhook-signature: v1,");
    base64_encode(&parcel->headers[2], (struct str){(const char *)mac, sizeof mac});
    buf_fini(&key);
    buf_fini(&signed_text);
}

static enum store_outcome settle(struct pg *pg, struct parcel *parcel, const struct webhook_post *post)
{
    const char *id = buf_cstr(&parcel->id);
    size_t attempt = (size_t)parcel->delivery.attempt;
    if (!*post->error)
        return store_webhook_done(pg, id, NULL);
    if (post->status == 0 && store_has_failed(store_webhook_put_off(pg, id, PUT_OFF_S)))
        return STORE_DOWN;
    bool is_over = attempt > sizeof again_s / sizeof again_s[0];
    log_warning("a webhook was not delivered: delivery=%s attempt=%zu url=%s: %s%s", id, attempt, post->url,
                post->error,
                post->status == GONE ? "; it is stopped"
                : is_over            ? "; given up"
                                     : "");
    if (post->status == GONE)
        return store_webhook_stop(pg, id, post->error);
    return is_over ? store_webhook_done(pg, id, post->error)
                   : store_webhook_failed(pg, id, post->error, again_s[attempt - 1]);
}

static void send_all(struct pg *pg, struct parcel *parcels, size_t n)
{
    struct webhook_post posts[AT_ONCE] = {0};
    int64_t now_s = clock_wall_us() / 1000000;
    for (size_t i = 0; i < n; i++) {
        struct parcel *parcel = &parcels[i];
        sign(parcel, now_s);
        posts[i] = (struct webhook_post){
            .url = buf_cstr(&parcel->url), .body = parcel->delivery.body.p, .body_n = parcel->delivery.body.n};
        for (size_t j = 0; j < sizeof parcel->headers / sizeof parcel->headers[0]; j++)
            posts[i].headers[j] = buf_cstr(&parcel->headers[j]);
    }
    webhook_http_send(posts, n, config_number(CONFIG_WEBHOOKS_PRIVATE) != 0);
    // What cannot be marked now is sent again.
    for (size_t i = 0; i < n; i++)
        (void)settle(pg, &parcels[i], &posts[i]);
}

// Delivers some of what is due. True if there may be more.
static bool deliver(struct pg *pg)
{
    struct parcel parcels[AT_ONCE] = {0};
    size_t n = 0;
    struct store_answer due = store_webhook_claim(pg, AT_ONCE, AT_ONCE_EACH, LEASE_S);
    int rows = store_has_failed(due.outcome) ? 0 : store_answer_rows(&due);
    for (int row = 0; row < rows; row++) {
        struct parcel *parcel = &parcels[n];
        store_webhook_read(&due, row, &parcel->delivery);
        buf_clear(&parcel->id);
        buf_clear(&parcel->url);
        buf_str(&parcel->id, parcel->delivery.id);
        buf_str(&parcel->url, parcel->delivery.url);
        if (parcel->delivery.body.p)
            n++;
        else if (store_has_failed(store_webhook_drop(pg, buf_cstr(&parcel->id))))
            break; // it is looked at again
    }
    if (n)
        send_all(pg, parcels, n);
    for (size_t i = 0; i < AT_ONCE; i++) {
        buf_fini(&parcels[i].id);
        buf_fini(&parcels[i].url);
        for (size_t j = 0; j < sizeof parcels[i].headers / sizeof parcels[i].headers[0]; j++)
            buf_fini(&parcels[i].headers[j]);
    }
    store_answer_fini(&due);
    return rows > 0;
}

static void work(void)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS % 1000 * 1000000L, .tv_sec = LOOK_EVERY_MS / 1000};
    webhook_http_init();
    struct pg *pg = pg_new(config_text(CONFIG_DATABASE_URL), "trace-webhooks", DEADLINE_MS);
    for (;;)
        if (!deliver(pg))
            (void)nanosleep(&pause, NULL);
}

pid_t deliver_start(void)
{
    return beside_start("webhooks are not delivered", work);
}
