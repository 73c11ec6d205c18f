// SPDX-License-Identifier: Apache-2.0
#include "cgi/pusher.h"

#include <errno.h>
#include <string.h>
#include "cgi/problem.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/secret.h"
#include "wire/pass.h"

void pusher_pass(struct subscription *subscription, const struct request *r, const struct store_room_pass *pass)
{
    subscription->origin = r->reading_origin;
    subscription->principals_n = 2;
    subscription->principals[0] = pass->caller_id;
    subscription->principals[1] = pass->credential_id;
    subscription->at_us = pass->at_us;
    subscription->until_us = pass->until_us ? pass->until_us : INT64_MAX;
    subscription->epoch = pass->epoch;
}

// All streams of a principal go to the same pusher, where they share frames.
static int64_t pusher_of(struct str principal)
{
    return 1 + hash_32(principal) % config_number(CONFIG_PUSHERS);
}

int pusher_redirect(struct request *r, const struct subscription *subscription)
{
    static struct secret key;
    char path[UNIX_SOCKET_PATH_SIZE];
    if (secret_keep(&key, config_socket(path, PASS_KEY_FILE))) {
        log_error("the key for the pushers cannot be read: %s: %s", path, strerror(errno));
        return problem_internal(r);
    }
    struct buf uri = {0};
    buf_printf(&uri, "/internal/pusher/%lld?", (long long)pusher_of(subscription->principals[0]));
    size_t from = uri.n;
    subscription_print(&uri, subscription);
    pass_seal(&uri, from, (struct str){key.bytes, sizeof key.bytes}, clock_mono_ns());
    request_header(r, "X-Accel-Redirect", buf_view(&uri));
    buf_fini(&uri);
    return 200;
}

void pusher_stream_headers(struct request *r)
{
    request_header(r, "Content-Type", STR("text/event-stream"));
    request_header(r, "Cache-Control", STR("no-store, no-transform"));
}
