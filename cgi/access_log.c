// SPDX-License-Identifier: Apache-2.0
#include "cgi/access_log.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/jw.h"
#include "base/log.h"

static const char *caller_kind(const struct request *r)
{
    if (!r->secret.p)
        return "nobody";
    return r->is_share ? "share" : r->is_program ? "program" : "person";
}

// The id of the path that stands where the pattern has `kind`; STR_NONE where it has none. Other ids may be secrets.
static struct str id_of(const struct request *r, const struct route *route, const char *kind)
{
    int at = 0;
    for (const char *p = route ? strchr(route->pattern, '{') : NULL; p && at < r->ids; p = strchr(p + 1, '{'), at++)
        if (strncmp(p + 1, kind, strlen(kind)) == 0 && p[1 + strlen(kind)] == '}')
            return r->id[at];
    return STR_NONE;
}

static void print(struct buf *line, const struct request *r, const struct program *program, const struct route *route)
{
    jw_open(line, '{');
    jw_key(line, "time");
    buf_char(line, '"');
    clock_print_us(line, clock_wall_us());
    buf_char(line, '"');
    jw_member(line, "program", str_from(program->name));
    jw_member(line, "method", str_from(route_method_name(r->method)));
    jw_member(line, "route", route ? str_from(route->pattern) : STR_NONE);
    jw_member(line, "workspaceId", id_of(r, route, "ws"));
    jw_member(line, "sessionId", id_of(r, route, "ses"));
}

void access_log_request(const struct request *r, const struct program *program, const struct route *route, int status,
                        bool is_taken)
{
    if (!config_number(CONFIG_ACCESS_LOG))
        return;
    struct buf line = {0};
    print(&line, r, program, route);
    jw_member(&line, "address", r->remote_address.n ? r->remote_address : STR_NONE);
    jw_member(&line, "caller", str_from(caller_kind(r)));
    jw_member_i64(&line, "status", status);
    jw_member_i64(&line, "durationUs", (clock_mono_ns() - r->received_ns) / 1000);
    jw_member_i64(&line, "bytesIn", r->body_bytes);
    if (!r->flow.next)
        jw_member_i64(&line, "bytesOut", r->method == METHOD_HEAD ? 0 : (int64_t)r->out.n);
    if (!is_taken)
        jw_member_bool(&line, "brokenOff", true);
    jw_close(&line, '}');
    log_json(buf_view(&line));
    buf_fini(&line);
}
