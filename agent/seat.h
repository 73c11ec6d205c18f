/*
 * seat: the name under which an agent claims sessions. Its successor has the same name and nobody else has, so that
 * what a killed agent left running can be told from what another one works on.
 *
 * A seat is a number, held by an abstract Unix socket that the kernel lets go when its process ends, however it ends.
 * The name says where such a number means something: machine, boot and network namespace. Elsewhere (another
 * container, after a reboot) it is another name, and the heartbeat limit decides about what was left.
 */
#ifndef AGENT_SEAT_H
#define AGENT_SEAT_H

struct seat;

struct seat *seat_new(const char *persona);
void seat_free(struct seat *seat);
/* At most 63 bytes. */
const char *seat_worker_id(const struct seat *seat);

#endif
