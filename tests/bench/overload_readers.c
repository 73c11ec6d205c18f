// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "tests/bench/overload.h"
#include "tests/bench/stream.h"
#include "tests/bench/wire.h"

enum { EVENTS = 256, READ = 65536, BRIEF_MAX = 16384, AT_ONCE = 50 };

struct reader {
    int fd;
    struct overload *shared;
    struct overload_text *text;
    struct stream stream;
    size_t shown; // bytes of the text
};

// A string member's value; the texts need no escapes.
static struct str member(struct str data, const char *key)
{
    const char *at = memmem(data.p, data.n, key, strlen(key));
    if (!at)
        return STR_NONE;
    struct str rest = str_skip(data, (size_t)(at - data.p) + strlen(key));
    return str_cut(&rest, '"');
}

static bool is_written(const struct reader *r, size_t offset, struct str text)
{
    return offset + text.n <= atomic_load(&r->text->n) && memcmp(r->text->bytes + offset, text.p, text.n) == 0;
}

static void progress(struct reader *r, struct str data)
{
    struct str delta = member(data, "\"delta\":\""), content = member(data, "\"content\":\"");
    struct str text = delta.p ? delta : content;
    size_t offset = delta.p ? (size_t)wire_number(data, "\"offset\":") : 0, end = offset + text.n;
    int64_t now = clock_mono_ns();
    atomic_fetch_add(&r->shared->pieces, 1);
    if (offset > r->shown || !is_written(r, offset, text)) {
        atomic_fetch_add(&r->shared->wrong, 1);
        return;
    }
    for (; r->shown < end; r->shown += OVERLOAD_RECORD)
        histogram_add(&r->shared->ages, now - strtoll(r->text->bytes + r->shown, NULL, 10));
}

static void completed(struct reader *r, struct str data)
{
    struct str content = member(data, "\"content\":\"");
    size_t n = atomic_load(&r->text->n);
    bool is_whole = content.n == (n < BRIEF_MAX ? n : BRIEF_MAX) && is_written(r, 0, content);
    atomic_fetch_add(&r->shared->wrong, !is_whole);
    atomic_fetch_add(&r->shared->finals, 1);
}

static void take(void *owner, const struct stream_event *event)
{
    struct reader *r = owner;
    if (str_eq(event->name, STR("ready")))
        atomic_fetch_add(&r->shared->greeted, 1);
    else if (str_eq(event->name, STR("agent_session:step:started")))
        r->shown = 0;
    else if (str_eq(event->name, STR("agent_session:step:progress")))
        progress(r, event->data);
    else if (str_eq(event->name, STR("agent_session:step:completed")))
        completed(r, event->data);
}

static void hear(struct reader *r)
{
    static char bytes[READ];
    ssize_t n = recv(r->fd, bytes, sizeof bytes, 0);
    if (n <= 0 || stream_feed(&r->stream, (struct str){bytes, (size_t)n}, take, r) >= STREAM_ENDED) {
        errno = n < 0 ? errno : ECONNRESET;
        wire_fail("a stream");
    }
}

static void hear_some(int epoll, int timeout_ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(epoll, events, EVENTS, timeout_ms);
    for (int i = 0; i < n; i++)
        hear(events[i].data.ptr);
}

void overload_read(struct overload *shared, const char *port, const char *workspace, const char *token, int readers,
                   char *const *sessions, int n)
{
    struct reader *all = mem_zero((size_t)(readers * n) * sizeof *all);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < readers * n; i++) {
        struct buf request = {0};
        wire_get_events(&request, workspace, sessions[i % n], token, "");
        all[i] = (struct reader){.fd = wire_dial(port), .shared = shared, .text = &shared->texts[i % n]};
        wire_send(all[i].fd, buf_view(&request));
        wire_watch(epoll, all[i].fd, &all[i]);
        buf_fini(&request);
        while (i - atomic_load(&shared->greeted) >= AT_ONCE)
            hear_some(epoll, 100);
    }
    for (;;)
        hear_some(epoll, 1000);
}
