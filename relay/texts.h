// SPDX-License-Identifier: Apache-2.0
// Texts that are being written on other machines, for those who open a session in the middle of one. The question goes
// to the machines that follow the room, and each pusher there that has a text answers with all of it; of several
// answers the asking pusher takes the newest and longest (sse/text.h). An answer comes by a subject of the asking
// relay's own, of which the NATS servers have known since its start; they may not know of its interest in the room yet.
#ifndef RELAY_TEXTS_H
#define RELAY_TEXTS_H

#include "relay/relay.h"
#include "wire/hint.h"

struct texts *texts_new(void);
void texts_free(struct texts *texts);

// Prints the last words of the subject by which answers come to that relay.
void texts_address(struct buf *words, uint64_t relay);

// A pusher of this machine wants the texts of a room, or answers a question of another machine.
void texts_from_pusher(struct relay *relay, struct hint *hint);
// Another machine wants the texts of a room.
void texts_wanted(struct relay *relay, uint64_t machine, struct str room);

#endif
