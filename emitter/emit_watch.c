// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_watch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emitter/emit_retry.h"

bool emit_watch_wanted(const struct trace_session *s)
{
    return s->emitter->set.watch && s->held && s->begun && !s->ended && !s->ending;
}

bool emit_watch_next(struct trace_session *s, int64_t now, int64_t *due)
{
    struct emit_watch *w = &s->watch;
    if (w->open || !emit_watch_wanted(s))
        return false;
    if (now < w->open_at_ms) {
        if (w->open_at_ms < *due)
            *due = w->open_at_ms;
        return false;
    }
    int n = snprintf(w->path, sizeof w->path, "/api/workspaces/%s/events?room=session:%s", s->emitter->set.workspace,
                     s->id);
    assert(n > 0 && (size_t)n < sizeof w->path);
    w->open = true;
    w->line_n = 0;
    w->request = (struct trace_request){.method = "GET", .path = w->path, .timeout_ms = -1};
    return true;
}

// Event names after which the state of the session is asked for: an event may have been missed before "ready".
static bool calls_for_heartbeat(const char *line)
{
    static const char *const events[] = {"event: ready",
                                         "event: end",
                                         "event: revoked",
                                         "event: agent_session:completed",
                                         "event: agent_session:failed",
                                         "event: agent_session:cancelled"};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (strcmp(line, events[i]) == 0)
            return true;
    return false;
}

// A step has ended, or one may have ended while nobody listened.
static bool tells_of_steps(const char *line)
{
    return strcmp(line, "event: agent_session:step:completed") == 0 || strcmp(line, "event: ready") == 0;
}

// The server spreads the return of its subscribers; its delay is respected up to 30 s.
static void read_line(struct emit_watch *w, const char *line)
{
    if (strncmp(line, "retry: ", 7) != 0)
        return;
    long ms = strtol(line + 7, NULL, 10);
    w->retry_ms = ms > 0 && ms <= 30000 ? ms : 0;
}

bool emit_watch_data(struct trace_session *s, const char *bytes, size_t n, int64_t now)
{
    struct emit_watch *w = &s->watch;
    bool is_called_for = false;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != '\n' && bytes[i] != '\r') {
            // A line that is too long for any name we know keeps overwriting its last byte, and matches nothing.
            if (w->line_n == sizeof w->line - 1)
                w->line_n--;
            w->line[w->line_n++] = bytes[i];
            continue;
        }
        w->line[w->line_n] = '\0';
        w->line_n = 0;
        read_line(w, w->line);
        is_called_for = is_called_for || calls_for_heartbeat(w->line);
        if (tells_of_steps(w->line)) {
            s->heard++;
            pthread_cond_broadcast(&s->emitter->changed);
        }
    }
    if (is_called_for && s->heartbeat_at_ms > now)
        s->heartbeat_at_ms = now;
    if (is_called_for)
        w->failures = 0;
    return is_called_for;
}

void emit_watch_done(struct trace_session *s, const struct trace_reply *reply, int64_t now)
{
    struct emit_watch *w = &s->watch;
    w->open = false;
    int64_t delay = emit_retry_delay(s->emitter->set.retry_ms, ++w->failures + 3, reply->retry_after_ms,
                                     (uint32_t)now * 2654435761u);
    w->open_at_ms = now + (delay > w->retry_ms ? delay : w->retry_ms);
    if (emit_retry_judge(reply->status) != EMIT_AWAY && s->heartbeat_at_ms > now)
        s->heartbeat_at_ms = now;
}
