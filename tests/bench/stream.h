// SPDX-License-Identifier: Apache-2.0
// An event stream as a client reads it: the answer's head, its chunks (RFC 9112, 7.1), its events (WHATWG HTML, 9.2.6).
// Bytes may be split anywhere. It knows no room and no number; those are the owner's.
#ifndef TESTS_BENCH_STREAM_H
#define TESTS_BENCH_STREAM_H

#include "base/buf.h"

enum stream_state { STREAM_HEAD, STREAM_SIZE, STREAM_BYTES, STREAM_CRLF, STREAM_ENDED, STREAM_REFUSED };

// Views, valid until the call returns. A field that the event does not have is absent.
struct stream_event {
    struct str name, id, data;
};

// All zero is a stream of which nothing has come.
struct stream {
    enum stream_state state;
    bool is_chunked;
    size_t left;     // of the chunk, or of the body where it has a length
    struct buf line; // the head, or a chunk's size, as far as it has come
    struct buf text; // what is not a whole event yet
    long retry_ms;   // 0: nothing was said
};

void stream_fini(struct stream *s);
// Calls `take` for each whole event. STREAM_ENDED: nothing more comes; STREAM_REFUSED: the answer is no event stream.
enum stream_state stream_feed(struct stream *s, struct str bytes,
                              void (*take)(void *owner, const struct stream_event *event), void *owner);

#endif
