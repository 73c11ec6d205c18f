// What an HTTP request gets: a stream, or a small answer. Decides, prints, and knows nothing of descriptors.
#ifndef SSE_REQUEST_H
#define SSE_REQUEST_H

#include "sse/door.h"
#include "sse/pusher.h"

enum request_outcome {
    REQUEST_MORE,     // the head is incomplete
    REQUEST_STREAM,   // *door says of what
    REQUEST_ANSWERED, // with *answer, which the caller owns
    REQUEST_REVOKED,  // the same; a principal's right had ended
};

enum request_outcome request_judge(struct pusher *p, struct str bytes, struct door *door, struct frame **answer);

// A stream that says that there is none now; to be tried again not before `after_ms`.
struct frame *request_unavailable(int after_ms);
// `revoked`: the credential has expired.
struct frame *request_expired(void);
// A jittered `retry:`.
struct frame *request_retry(void);
// A ping, shared by all that are due in this moment; the caller owns a reference.
struct frame *request_ping(struct pusher *p);

#endif
