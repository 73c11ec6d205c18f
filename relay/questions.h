// SPDX-License-Identifier: Apache-2.0
// The end of rights across machines. A writer that asks waits until the pushers of all other machines have ended the
// streams that lost theirs; a relay answers for its pushers. Relays say each second that they live, so that everyone
// knows for how many answers to wait. A question without all its answers is dropped, and its writer goes on at its own
// deadline (BUS_REVOKED_MS).
#ifndef RELAY_QUESTIONS_H
#define RELAY_QUESTIONS_H

#include "relay/peers.h"

struct questions *questions_new(void);
void questions_free(struct questions *questions);

// A writer of this machine asks, and is to be answered with `stamp`.
void questions_ask(struct relay *relay, struct peer *writer, int64_t stamp);
// The peer is about to be closed.
void questions_forget(struct relay *relay, const struct peer *peer);
// A pusher of this machine has answered.
void questions_answered(struct relay *relay, const struct peer *pusher, int64_t stamp);
// Another relay has asked, answered or said that it lives.
void questions_take(struct relay *relay, const struct seal_message *message);
// Each second: says that this relay lives, and forgets those who have not said so.
void questions_tick(struct relay *relay);
// By how many nanoseconds the monotonic clock of this machine is ahead of that of another, and how long the quickest
// message of the last minute took. False if the machine is unknown.
bool questions_apart_ns(const struct relay *relay, uint64_t machine, int64_t *apart_ns);
// How many other relays live.
int questions_live(const struct relay *relay);

#endif
