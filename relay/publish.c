// SPDX-License-Identifier: Apache-2.0
#include "relay/publish.h"

#include "base/clock.h"
#include "relay/bridge.h"

void publish_subject(struct buf *subject, const struct relay *relay, struct str room)
{
    buf_clear(subject);
    buf_printf(subject, "%s", relay->prefix);
    size_t from = subject->n;
    buf_str(subject, room);
    for (size_t i = from; i < subject->n; i++)
        if (subject->p[i] == ':')
            subject->p[i] = '.';
    (void)buf_cstr(subject);
}

int64_t publish_ahead_ns(void)
{
    return clock_wall_us() * 1000 - clock_mono_ns();
}

int publish(struct relay *relay, struct str room, struct seal_message message)
{
    struct buf subject = {0}, sealed = {0};
    publish_subject(&subject, relay, room);
    message.from = relay->self;
    message.sent_us = clock_wall_us();
    message.ahead_ns = message.sent_us * 1000 - clock_mono_ns();
    seal_pack(&sealed, relay->key, buf_view(&subject), &message);
    int outcome = bridge_publish(relay->bridge, subject.p, buf_view(&sealed));
    buf_fini(&sealed);
    buf_fini(&subject);
    return outcome;
}
