// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/secret.h"
#include "wire/hint.h"
#include "wire/pass.h"
#include "tests/bench/local.h"
#include "tests/bench/wire.h"

#define EVENT_NAME "agent_session:step:started"

// The bytes of an event's JSON; with its id and its name that makes 300 in a stream.
enum { DATA_BYTES = 250 };

struct event {
    int64_t seq;
    struct str room, data;
};

struct feed {
    const char *name;
    int type;
    unsigned connections;
    void (*pack)(struct buf *b, const struct target *target, const struct event *event);
    bool is_answered; // the answer to what was sent last is read before the connection is used again
};

static void pack_hint(struct buf *b, const struct target *target, const struct event *event)
{
    struct hint hint = {.seq = event->seq,
                        .stamp_ns = clock_mono_ns(),
                        .room = event->room,
                        .name = STR(EVENT_NAME),
                        .body = event->data};
    if (hint_pack(b, &hint))
        wire_fail(target->name);
}

static void pack_frame(struct buf *b, const struct target *target, const struct event *event)
{
    (void)target;
    buf_printf(b, "id: %lld\nevent: " EVENT_NAME "\ndata: ", (long long)event->seq);
    buf_str(b, event->data);
    buf_lit(b, "\n\n");
}

static void pack_post(struct buf *b, const struct target *target, const struct event *event)
{
    (void)target;
    buf_lit(b, "POST ");
    buf_str(b, event->room);
    buf_printf(b, " HTTP/1.1\r\nHost: x\r\nX-EventSource-Event: " EVENT_NAME "\r\nContent-Length: %zu\r\n\r\n",
               event->data.n);
    buf_str(b, event->data);
}

static void pack_line(struct buf *b, const struct target *target, const struct event *event)
{
    (void)target;
    buf_str(b, event->data);
    buf_char(b, '\n');
}

static const struct feed feeds[] = {
    {"hint", SOCK_SEQPACKET, 1, pack_hint, false},
    {"frame", SOCK_SEQPACKET, 1, pack_frame, false},
    {"post", SOCK_STREAM, TARGET_FEEDS_MAX, pack_post, true},
    {"line", SOCK_STREAM, 1, pack_line, false},
};

static const struct feed *find_feed(const char *name)
{
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++)
        if (strcmp(feeds[i].name, name) == 0)
            return &feeds[i];
    errno = EINVAL;
    wire_fail(name);
}

void target_read(struct target *target, json_t *spec, int rooms)
{
    json_t *pids;
    const char *feed;
    json_error_t error;
    int is_socketio = 0;
    *target = (struct target){0};
    if (json_unpack_ex(spec, &error, 0, "{s:s, s:s, s:s, s?s, s:s, s?b, s:s, s:s, s:s, s:o}", "name", &target->name,
                       "address", &target->address, "request", &target->request, "sealKey", &target->seal_key,
                       "greeting", &target->greeting, "socketio", &is_socketio, "feed", &feed, "to", &target->to,
                       "room", &target->room, "pids", &pids)) {
        fprintf(stderr, "load: a server: %s\n", error.text);
        exit(2);
    }
    target->is_socketio = is_socketio;
    target->feed = find_feed(feed);
    for (unsigned i = 0; i < target->feed->connections; i++)
        target->fds[i] = local_dial(target->to, target->feed->type);
    for (; target->pids_n < (int)json_array_size(pids) && target->pids_n < TARGET_PIDS_MAX; target->pids_n++)
        target->pids[target->pids_n] = (pid_t)json_integer_value(json_array_get(pids, (size_t)target->pids_n));
    target->seqs = mem_zero((size_t)rooms * sizeof *target->seqs);
}

void target_fini(struct target *target)
{
    for (unsigned i = 0; i < target->feed->connections; i++)
        (void)close(target->fds[i]);
    free(target->seqs);
}

void target_fill(struct buf *b, const char *template, int room)
{
    struct str rest = str_from(template);
    const char *at = strstr(template, "{room}");
    if (at) {
        buf_bytes(b, template, (size_t)(at - template));
        buf_printf(b, "%08d", room);
        rest = str_from(at + strlen("{room}"));
    }
    buf_str(b, rest);
}

// Seals the query of the request that stands in `b`.
static void seal(struct buf *b, const char *key_path)
{
    char key[SECRET_BYTES];
    struct str tail = buf_view(b);
    if (secret_read(key, key_path))
        wire_fail(key_path);
    struct buf request = {0};
    buf_str(&request, str_cut(&tail, '?'));
    buf_char(&request, '?');
    size_t from = request.n;
    buf_str(&request, str_cut(&tail, ' '));
    pass_seal(&request, from, (struct str){key, sizeof key}, clock_mono_ns());
    buf_char(&request, ' ');
    buf_str(&request, tail);
    buf_fini(b);
    *b = request;
}

void target_request(struct buf *b, const struct target *target, int room)
{
    target_fill(b, target->request, room);
    if (target->seal_key)
        seal(b, target->seal_key);
}

static void print_data(struct buf *b, struct str room, int64_t seq)
{
    buf_lit(b, "{\"room\":\"");
    buf_str(b, room);
    buf_printf(b, "\",\"seq\":%lld," TARGET_MARK "%lld,\"x\":\"", (long long)seq, (long long)clock_mono_ns());
    while (b->n < DATA_BYTES - 2)
        buf_char(b, 'x');
    buf_lit(b, "\"}");
}

static void take_answer(const struct target *target, int fd)
{
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 13 || memcmp(bytes, "HTTP/1.1 20", 11) != 0)
        wire_fail(target->name);
}

void target_publish(struct target *target, int room)
{
    struct buf name = {0}, data = {0}, b = {0};
    const struct feed *feed = target->feed;
    int fd = target->fds[target->fed % feed->connections];
    if (feed->is_answered && target->fed >= feed->connections)
        take_answer(target, fd);
    target->fed++;
    target_fill(&name, target->room, room);
    int64_t seq = ++target->seqs[room];
    print_data(&data, buf_view(&name), seq);
    feed->pack(&b, target, &(struct event){seq, buf_view(&name), buf_view(&data)});
    wire_send(fd, buf_view(&b));
    buf_fini(&name);
    buf_fini(&data);
    buf_fini(&b);
}

int64_t target_cpu_ns(const struct target *target)
{
    int64_t sum = 0;
    for (int i = 0; i < target->pids_n; i++)
        sum += local_cpu_ns(target->pids[i]);
    return sum;
}
