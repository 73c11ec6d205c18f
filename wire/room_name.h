// SPDX-License-Identifier: Apache-2.0
// Names of rooms, the topics that clients subscribe to, and the one table of their kinds (wire/room_name.c). A room has
// an internal name, by which writers, door and pusher call it, and a public one, by which clients do:
//
//     internal                       public              ids     counted
//     session:ses_…                  the same            ses_    yes
//     stream:str_…                   the same            str_    yes
//     workspace:ws_…                 the same            ws_     no     what the people of a workspace hear
//     workspace:ws_….programs        workspace:ws_…      ws_     no     what its programs hear
//     user:usr_….ws_…                user:me             usr_    no     one person, in one workspace
//     persona:per_…                  the same            per_    no
//
// What stands behind the dot is the room's side. A counted room numbers its events; the others carry no numbers. The
// page has the same table (static/store/rooms.js), and tests/lint/rooms.sh compares the two. Names and ids need no
// escaping in JSON, in a URL or on an SSE line.
#ifndef WIRE_ROOM_NAME_H
#define WIRE_ROOM_NAME_H

#include <stdbool.h>
#include "base/buf.h"

enum room_kind { ROOM_SESSION, ROOM_STREAM, ROOM_WORKSPACE, ROOM_USER, ROOM_PERSONA, ROOM_KIND__MAX };

struct room_name {
    enum room_kind kind;
    struct str id;
    struct str side; // STR_NONE if it has none
};

// The side of a workspace's room that its programs hear.
#define ROOM_NAME_PROGRAMS STR("programs")

// Internal names. The views in *name point into `text`. 0, or -1 if no room can have that name.
MUST_USE int room_name_parse(struct str text, struct room_name *name);
void room_name_print(struct buf *b, const struct room_name *name);

// Public names, as clients give them; of user:me the id is "me". 0, or -1 as above.
MUST_USE int room_name_parse_public(struct str text, struct room_name *name);
// The public name of the room with this internal one: a view of it, or a constant.
struct str room_name_public(struct str internal);
// The internal name of the room that a client means by a public one. "me" is the room of that user in this workspace,
// and a program hears of a workspace in another room than its people, who may read sessions there that most programs
// may not.
struct room_name room_name_meant(struct room_name name, struct str user_id, struct str workspace_id, bool is_program);

bool room_name_is_counted(enum room_kind kind);
// True if a new subscriber is shown the room's state first (store/room.h).
bool room_name_is_greeted(enum room_kind kind);
// The word in front of the colon.
struct str room_name_word(enum room_kind kind);

#endif
