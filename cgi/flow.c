// SPDX-License-Identifier: Apache-2.0
#include "cgi/flow.h"

#include "base/clock.h"
#include "base/log.h"

enum { GRACE_MS = 10000, LEAST_BYTES_PER_MS = 16 };

static int send_piece(struct exchange *x, struct str piece)
{
    int64_t patience_ms = GRACE_MS + (int64_t)piece.n / LEAST_BYTES_PER_MS;
    return piece.n ? x->ops->send(x, piece, clock_mono_ms() + patience_ms) : 0;
}

int flow_send(struct request *r, struct exchange *x, struct str head)
{
    enum flow_state state = r->method == METHOD_HEAD ? FLOW_LAST : FLOW_MORE;
    int sent = send_piece(x, head);
    while (!sent && state == FLOW_MORE) {
        buf_clear(&r->out);
        state = r->flow.next(r, r->flow.state);
        if (state != FLOW_BROKEN)
            sent = send_piece(x, buf_view(&r->out));
    }
    r->flow.end(r, r->flow.state);
    if (!sent && state == FLOW_LAST)
        return 0;
    if (sent)
        log_info("a reply in pieces was broken off: its reader was gone or too slow");
    x->ops->cut(x);
    return -1;
}
