// SPDX-License-Identifier: Apache-2.0
#include "wire/room_name.h"

#include "base/id.h"

enum side { SIDE_NONE, SIDE_WORKSPACE, SIDE_PROGRAMS };

static const struct kind {
    const char *word;
    const char *prefix;    // of its ids
    enum side side;        // what may stand behind the id
    bool side_needed;      // whether it must
    bool counted;          // its events are numbered
    bool greeted;          // a new subscriber is shown its state first
    const char *public_id; // what clients say instead of the id; NULL: the id itself
} kinds[ROOM_KIND__MAX] = {
    [ROOM_SESSION] = {"session", "ses", SIDE_NONE, false, true, true, NULL},
    [ROOM_STREAM] = {"stream", "str", SIDE_NONE, false, true, true, NULL},
    [ROOM_WORKSPACE] = {"workspace", "ws", SIDE_PROGRAMS, false, false, true, NULL},
    [ROOM_USER] = {"user", "usr", SIDE_WORKSPACE, true, false, true, "me"},
    [ROOM_PERSONA] = {"persona", "per", SIDE_NONE, false, false, false, NULL},
};

static int kind_of(struct str word)
{
    for (int kind = 0; kind < ROOM_KIND__MAX; kind++)
        if (str_eq(word, str_from(kinds[kind].word)))
            return kind;
    return -1;
}

static bool side_fits(const struct kind *kind, struct str side)
{
    if (!side.p)
        return !kind->side_needed;
    switch (kind->side) {
    case SIDE_WORKSPACE:
        return id_valid(side, kinds[ROOM_WORKSPACE].prefix);
    case SIDE_PROGRAMS:
        return str_eq(side, ROOM_NAME_PROGRAMS);
    case SIDE_NONE:
        break;
    }
    return false;
}

int room_name_parse(struct str text, struct room_name *name)
{
    int kind = kind_of(str_cut(&text, ':'));
    if (kind < 0)
        return -1;
    struct str id = str_cut(&text, '.');
    if (!id_valid(id, kinds[kind].prefix) || !side_fits(&kinds[kind], text))
        return -1;
    *name = (struct room_name){(enum room_kind)kind, id, text};
    return 0;
}

void room_name_print(struct buf *b, const struct room_name *name)
{
    buf_str(b, room_name_word(name->kind));
    buf_char(b, ':');
    buf_str(b, name->id);
    if (!name->side.p)
        return;
    buf_char(b, '.');
    buf_str(b, name->side);
}

int room_name_parse_public(struct str text, struct room_name *name)
{
    int kind = kind_of(str_cut(&text, ':'));
    if (kind < 0 || !text.p)
        return -1;
    const char *public_id = kinds[kind].public_id;
    if (public_id ? !str_eq(text, str_from(public_id)) : !id_valid(text, kinds[kind].prefix))
        return -1;
    *name = (struct room_name){(enum room_kind)kind, text, STR_NONE};
    return 0;
}

struct str room_name_public(struct str internal)
{
    return str_starts(internal, STR("user:")) ? STR("user:me") : str_cut(&internal, '.');
}

struct room_name room_name_meant(struct room_name name, struct str user_id, struct str workspace_id, bool is_program)
{
    const struct kind *kind = &kinds[name.kind];
    if (kind->public_id)
        name.id = user_id;
    if (kind->side == SIDE_WORKSPACE)
        name.side = workspace_id;
    else if (kind->side == SIDE_PROGRAMS && is_program)
        name.side = ROOM_NAME_PROGRAMS;
    return name;
}

bool room_name_is_counted(enum room_kind kind)
{
    return kinds[kind].counted;
}

bool room_name_is_greeted(enum room_kind kind)
{
    return kinds[kind].greeted;
}

struct str room_name_word(enum room_kind kind)
{
    return str_from(kinds[kind].word);
}
