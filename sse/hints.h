// The writers' connections: receives hints and hands them to their rooms. A hint is never believed over the database,
// so nothing here can fail in a way that matters; what is malformed is counted and dropped.
#ifndef SSE_HINTS_H
#define SSE_HINTS_H

#include "sse/pusher.h"

// Takes the descriptor over.
void hints_new(struct pusher *p, int fd);
// Some of what has come, so that one writer does not keep the others waiting.
void hints_readable(struct pusher *p, struct watch *watch);
void hints_close(struct pusher *p);
// Sends a hint to the pusher itself, through its own socket at `path`: the way that writers' hints go.
void hints_probe(struct pusher *p, const char *path);

#endif
