// The writers' end of the hints: after a commit they go to every pusher's SEQPACKET socket, without waiting (what is
// long and has no number a moment: few of those fill a socket). A pusher that is away or behind loses the hint and
// heals from the database; the writer neither slows down nor fails.
#ifndef LIB_BUS_H
#define LIB_BUS_H

#include "lib/hint.h"

struct bus;

// `pushers` sockets pusher-1.hint … in `directory`; they are connected when first needed and again after a loss.
struct bus *bus_new(const char *directory, int pushers);
void bus_free(struct bus *bus);

// Sends the hint to every pusher. A durable body that is too long goes as its number alone, longer text in pieces with
// one stamp.
void bus_send(struct bus *bus, const struct hint *hint);

// Hints that some pusher did not get since the start, for the metrics.
int64_t bus_lost(const struct bus *bus);

#endif
