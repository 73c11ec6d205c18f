// SPDX-License-Identifier: Apache-2.0
// conn: one client of the demo model: it reads a request, plays its script, and reads the next one. It never blocks;
// the loop in main.c tells it when its socket is ready and what time it is.
#ifndef AGENT_DEMO_CONN_H
#define AGENT_DEMO_CONN_H

#include <stdint.h>

#include "agent/demo/script.h"
#include "base/must.h"

struct conn;

// Takes the socket, which must be non-blocking.
struct conn *conn_new(int fd, const struct script_style *style);
void conn_free(struct conn *conn);
int conn_fd(const struct conn *conn);
// Returns the poll events that it waits for.
short conn_events(const struct conn *conn);
// Returns in how many ms it has something to do by itself, or -1 if never.
int conn_wait_ms(const struct conn *conn, int64_t now_ms);
// Does what can be done now; returns -1 when the connection is over. `revents` may be 0.
int conn_work(struct conn *conn, short revents, int64_t now_ms) MUST_USE;

#endif
