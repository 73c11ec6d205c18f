// A client's position in the rooms of an event stream, as Last-Event-ID carries it: the rooms' counters in the order of
// the URL, joined by dots, "-" where a room has none: "34.-.12".
#ifndef CGI_CURSOR_H
#define CGI_CURSOR_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/buf.h"

enum { CURSOR_ROOMS_MAX = 6 };
enum { CURSOR_NOW = -1 };

struct cursor {
    bool is_malformed;
    bool is_given;
    int64_t from[CURSOR_ROOMS_MAX]; // CURSOR_NOW where there is no number
};

// `text` absent or empty: no cursor. Malformed: not exactly `rooms` parts, or a part that is neither digits nor "-".
void cursor_parse(struct cursor *cursor, struct str text, int rooms);

#endif
