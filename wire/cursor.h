// SPDX-License-Identifier: Apache-2.0
// A client's position in the rooms of an event stream, as the `id:` of an event and the Last-Event-ID of a request
// carry it: the numbers of the last events received, in the order of the rooms in the URL, joined by dots, "-" for a
// room without a number: "34.-.12". Behind a tilde stands the epoch of the database that counted: "34.-.12~7K3QXZ". The
// pusher prints it and the door reads it.
#ifndef WIRE_CURSOR_H
#define WIRE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

enum { CURSOR_ROOMS_MAX = 6 };
// In place of a number: the room has none, or the stream is to start from now on.
enum { CURSOR_NOW = -1 };
// An epoch is six characters of Crockford's base 32. It is drawn anew when a database is restored: the numbers of
// before then mean other events, or none (store/epoch.h).
enum { CURSOR_EPOCH_CHARS = 6, CURSOR_EPOCH_SIZE = CURSOR_EPOCH_CHARS + 1 };
// Room for the longest cursor: a number has at most 19 digits, and a separator or the tilde behind it.
enum { CURSOR_TEXT_SIZE = CURSOR_ROOMS_MAX * 20 + CURSOR_EPOCH_CHARS };

struct cursor {
    bool is_malformed;
    bool is_given;
    int64_t from[CURSOR_ROOMS_MAX]; // CURSOR_NOW where there is no number
    char epoch[CURSOR_EPOCH_SIZE];  // "": the client is older than epochs, or made its position itself
};

bool cursor_is_epoch(struct str text);

// `text` absent or empty: no cursor. Malformed: not exactly `rooms` parts, a part that is neither digits nor "-", or a
// tilde without an epoch.
void cursor_parse(struct cursor *cursor, struct str text, int rooms);

// Prints the positions of `rooms` rooms, without a NUL; returns the length. A negative number is printed as "-". An
// empty epoch is left out.
size_t cursor_print(char text[static CURSOR_TEXT_SIZE], const int64_t *from, unsigned rooms, struct str epoch);

#endif
