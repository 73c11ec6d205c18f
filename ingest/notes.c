// SPDX-License-Identifier: Apache-2.0
#include "ingest/notes.h"

#include <stdlib.h>
#include "base/hash.h"

enum { SLOTS = 1024 };

struct noted {
    struct noted *next;
    enum note note;
    struct str trace, id, value;
};

static size_t slot_of(enum note note, struct str trace, struct str id)
{
    return hash_32_seeded(hash_32_seeded((uint32_t)note, trace), id) % SLOTS;
}

static struct noted *find(const struct notes *notes, enum note note, struct str trace, struct str id)
{
    if (!notes->slots)
        return NULL;
    for (struct noted *n = notes->slots[slot_of(note, trace, id)]; n; n = n->next)
        if (n->note == note && str_eq(n->id, id) && str_eq(n->trace, trace))
            return n;
    return NULL;
}

void notes_set(struct notes *notes, enum note note, struct str trace, struct str id, struct str value)
{
    struct noted *noted = find(notes, note, trace, id);
    if (!noted && notes->n >= NOTES_MAX)
        return;
    if (!notes->slots)
        notes->slots = mem_zero(SLOTS * sizeof *notes->slots);
    if (!noted) {
        struct noted **slot = &notes->slots[slot_of(note, trace, id)];
        noted = arena_zero(&notes->arena, sizeof *noted);
        *noted = (struct noted){*slot, note, arena_str(&notes->arena, trace), arena_str(&notes->arena, id), STR_NONE};
        *slot = noted;
        notes->n++;
    }
    if (!noted->value.p || !str_eq(noted->value, value))
        noted->value = arena_str(&notes->arena, value.p ? value : STR(""));
}

struct str notes_get(const struct notes *notes, enum note note, struct str trace, struct str id)
{
    const struct noted *noted = find(notes, note, trace, id);
    return noted ? noted->value : STR_NONE;
}

void notes_fini(struct notes *notes)
{
    arena_clear(&notes->arena);
    free(notes->slots);
    *notes = (struct notes){0};
}
