// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emitter/emit_json.h"
#include "emitter/emit_utf8.h"

// A checkpoint carries the whole text. The longer the text, the rarer it is, so that its cost stays a small share.
#define CHECKPOINT_STRETCH 262144

// The first checkpoint of a text comes sooner: after a share of the time, or at a length. Most steps are short.
#define FIRST_SHARE 4
#define FIRST_BYTES 1024

static bool reached(struct emit_mark mark, const struct emit_progress *p)
{
    return mark.edition == p->edition && mark.length == p->text.n;
}

static int64_t checkpoint_at(const struct emit_progress *p, const struct emit_pace *pace)
{
    if (!p->was_storing)
        return p->text.n >= FIRST_BYTES ? 0 : p->stored_at_ms + pace->checkpoint_ms / FIRST_SHARE;
    return p->stored_at_ms + pace->checkpoint_ms * (1 + (int64_t)(p->text.n / CHECKPOINT_STRETCH));
}

bool emit_progress_append(struct emit_progress *p, const char *bytes, size_t n, int64_t now)
{
    struct emit_buf joined = {0};
    size_t before = p->text.n;
    if (n == 0)
        return false;
    if (p->edition == 0) {
        p->edition = 1;
        p->stored_at_ms = now;
    }
    if (p->split_n) {
        emit_buf_add(&joined, p->split, p->split_n);
        emit_buf_add(&joined, bytes, n);
        bytes = joined.p;
        n = joined.n;
    }
    size_t used = emit_utf8_clean(&p->text, bytes, n, false);
    p->split_n = n - used;
    memcpy(p->split, bytes + used, p->split_n);
    emit_buf_fini(&joined);
    return p->text.n != before;
}

bool emit_progress_replace(struct emit_progress *p, const char *bytes, size_t n, int64_t now)
{
    bool grows = n >= p->text.n && (p->text.n == 0 || memcmp(bytes, p->text.p, p->text.n) == 0);
    p->split_n = 0;
    if (grows)
        return emit_progress_append(p, bytes + p->text.n, n - p->text.n, now);
    emit_buf_cut(&p->text, 0);
    p->edition++;
    emit_progress_append(p, bytes, n, now);
    return true;
}

int64_t emit_progress_due(const struct emit_progress *p, const struct emit_pace *pace, bool hurry)
{
    if (p->edition == 0)
        return INT64_MAX;
    if (reached(p->confirmed, p))
        return reached(p->stored, p) ? INT64_MAX : checkpoint_at(p, pace);
    bool first = p->confirmed.edition == 0;
    size_t known = p->confirmed.edition == p->edition ? p->confirmed.length : 0;
    if (hurry || first || p->text.n - known >= pace->progress_bytes)
        return 0;
    return p->sent_at_ms + pace->progress_ms;
}

void emit_progress_take(struct emit_progress *p, const struct emit_pace *pace, int64_t now, struct emit_excerpt *out)
{
    p->storing = !reached(p->stored, p) && now >= checkpoint_at(p, pace);
    p->sending = (struct emit_mark){.edition = p->edition, .length = p->text.n};
    p->sent_at_ms = now;
    if (p->storing) {
        p->stored_at_ms = now;
        p->was_storing = true;
    }
    out->n = ++p->n;
    out->stored = p->storing;
    out->whole = p->storing || p->confirmed.edition != p->edition;
    out->offset = out->whole ? 0 : p->confirmed.length;
    emit_buf_cut(&out->text, 0);
    emit_buf_add(&out->text, p->text.p + out->offset, p->text.n - out->offset);
}

void emit_progress_print(const struct emit_excerpt *excerpt, struct emit_buf *body)
{
    char offset[24], n[24];
    emit_json_open(body);
    emit_json_name(body, excerpt->whole ? "content" : "delta");
    emit_json_string(body, excerpt->text.p, excerpt->text.n);
    snprintf(offset, sizeof offset, "%zu", excerpt->offset);
    snprintf(n, sizeof n, "%" PRId64, excerpt->n);
    emit_json_value(body, "offset", excerpt->whole ? NULL : offset);
    emit_json_value(body, "n", n);
    emit_json_value(body, "checkpoint", excerpt->stored ? "true" : NULL);
    emit_json_close(body);
}

void emit_progress_sent(struct emit_progress *p, bool accepted)
{
    if (!accepted)
        return;
    p->confirmed = p->sending;
    if (p->storing)
        p->stored = p->sending;
}

void emit_progress_fini(struct emit_progress *p)
{
    emit_buf_fini(&p->text);
    *p = (struct emit_progress){0};
}
