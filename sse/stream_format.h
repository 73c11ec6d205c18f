// SPDX-License-Identifier: Apache-2.0
// How a stream looks on the wire beyond the events of its rooms: the reply's head, `ready` and what is wrong with
// single rooms, ping, and the small replies that are no stream. `retry:` is a line of an event that has data, never a
// block of its own. It only prints.
#ifndef SSE_STREAM_FORMAT_H
#define SSE_STREAM_FORMAT_H

#include "wire/subscription.h"
#include "sse/feed.h"

// How the stream reaches its client. Behind nginx's proxy the location adds the headers that every reply has; a stream
// whose socket was handed over prints them itself (conf/nginx.conf.in).
enum stream_way { STREAM_PROXIED, STREAM_DIRECT };

// The opening of a stream in another dialect than the native one: nothing but the head.
void stream_format_head(struct buf *b, const struct subscription *subscription, enum stream_way way, int64_t wall_us);

// The opening of a stream; the feed's slots stand where it starts.
void stream_format_opening(struct buf *b, const struct feed *feed, const struct subscription *subscription,
                           enum stream_way way, int retry_ms, const char *build, int64_t wall_us);
// A whole stream that says only that none is available at the moment.
void stream_format_unavailable(struct buf *b, int retry_ms);
// The last event of a stream that cannot go on now.
void stream_format_interruption(struct buf *b, int retry_ms);
// `revoked` for the stream as a whole.
void stream_format_revoked(struct buf *b, const char *reason);
void stream_format_ping(struct buf *b, int64_t wall_us);
// The same as a comment, for clients that know nothing of our events.
void stream_format_comment(struct buf *b);
// The ping of a stream that is about to end, which also says when to come back.
void stream_format_farewell(struct buf *b, int retry_ms, int64_t wall_us);
// A complete small reply of another type.
void stream_format_reply(struct buf *b, const char *status, const char *type, struct str body);

#endif
