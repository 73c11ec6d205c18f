// SPDX-License-Identifier: Apache-2.0
// seat: the name under which an agent claims sessions. Its successor has the same name and nobody else does, so that
// the sessions which a killed agent left running can be told from those that another one works on.
//
// A seat is a number, held by an abstract Unix socket, which the kernel releases when its process ends, however it
// ends. The name says where such a number is valid: machine, boot and network namespace. Elsewhere (in another
// container, after a reboot) the name differs, and the heartbeat limit decides about what was left.
#ifndef AGENT_SEAT_H
#define AGENT_SEAT_H

struct seat;

struct seat *seat_new(const char *persona);
void seat_free(struct seat *seat);
// The name has at most 63 bytes.
const char *seat_worker_id(const struct seat *seat);

#endif
