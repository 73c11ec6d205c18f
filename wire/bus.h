// SPDX-License-Identifier: Apache-2.0
// The writers' end of the hints. After a commit they go to the SEQPACKET socket of every pusher without waiting, except
// that a long hint without a number may wait for a moment, as few of those fill a socket. A pusher that is away or
// behind loses the hint and makes up for it from the database; the writer neither slows down nor fails. Only the end of
// rights is waited for (bus_revoked).
#ifndef WIRE_BUS_H
#define WIRE_BUS_H

#include "wire/hint.h"

struct bus;

// For `pushers` sockets in `directory` (wire/socket.h), and for that of the relay to other machines in
// `relay_directory`, if that is not empty. Each is connected when it is first needed, and again after a loss. The relay
// is one more pusher.
struct bus *bus_new(const char *directory, int pushers, const char *relay_directory);
// The same as the configuration says (base/config.h), which has been read.
struct bus *bus_configured(void);
void bus_free(struct bus *bus);

// Sends the hint to every pusher. A durable event that is too long goes as its number alone, a text that is too long in
// pieces with one stamp.
void bus_send(struct bus *bus, const struct hint *hint);

// Tells every pusher that rights have ended, and waits until each has ended the streams that they were for,
// BUS_REVOKED_MS at the longest. Returns how many pushers did not say so, one that is away among them; they hear of it
// from the database.
enum { BUS_REVOKED_MS = 250 };
int bus_revoked(struct bus *bus);

// How many hints have been lost since the start, counted for each pusher; for the metrics.
int64_t bus_lost(const struct bus *bus);

#endif
