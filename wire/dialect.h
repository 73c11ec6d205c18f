// SPDX-License-Identifier: Apache-2.0
// The dialects in which a pusher can print a session's room: our own events, and the protocols of other people's
// clients. The door names one in the subscription (wire/subscription.h).
#ifndef WIRE_DIALECT_H
#define WIRE_DIALECT_H

#include "base/buf.h"

enum dialect {
    DIALECT_NATIVE, // the events of wire/event.h
    DIALECT_AI_SDK, // UI message stream, version 1, of the AI SDK
    DIALECT_AG_UI,  // Agent User Interaction Protocol 1.0
    DIALECT__MAX
};

// The word for it in a subscription.
struct str dialect_word(enum dialect dialect);
// The dialect of that word, or DIALECT__MAX.
enum dialect dialect_named(struct str word);

#endif
