// The first words on a stream: the reply's head, `retry:`, `ready`, and what is wrong with single rooms. Pure printing.
#ifndef SSE_GREETING_H
#define SSE_GREETING_H

#include "sse/door.h"
#include "sse/feed.h"

// The feed's slots stand where the stream starts.
void greeting_print(struct buf *b, const struct feed *feed, const struct door *door, int retry_ms, const char *build,
                    int64_t wall_us);
// A stream that says only that there is none at the moment.
void greeting_unavailable(struct buf *b, int retry_ms);
// "retry: N\n\n": for a stream that is about to end.
void greeting_retry(struct buf *b, int retry_ms);
// `revoked` for the whole stream.
void greeting_revoked(struct buf *b, const char *reason);
void greeting_ping(struct buf *b, int64_t wall_us);
// A complete small reply of another type.
void greeting_reply(struct buf *b, const char *status, const char *type, struct str body);

#endif
