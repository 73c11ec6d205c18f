// SPDX-License-Identifier: Apache-2.0
#include "store/put_list.h"

#include <assert.h>
#include <stdlib.h>
#include "base/hash.h"
#include "base/jw.h"
#include "store/said.h"

enum { NONE = -1 };

struct list {
    const struct store_put_step *steps;
    int n;
    int *table; // open addressing by id: index + 1, 0 free
    int table_n;
    int *parent;    // index, or NONE: not in the list
    int *seen_from; // index + 1 of the step from which it was first reached upward
    bool *alone;
};

// The index of the first step with that id, or NONE; *slot is where it is or would be.
static int find(const struct list *list, const char *id, int *slot)
{
    assert(id);
    *slot = (int)(hash_32(str_from(id)) % (uint32_t)list->table_n);
    for (; list->table[*slot]; *slot = (*slot + 1) % list->table_n) {
        int i = list->table[*slot] - 1;
        if (strcmp(list->steps[i].of.id, id) == 0)
            return i;
    }
    return NONE;
}

static void find_repeats(struct list *list)
{
    int slot;
    for (int i = 0; i < list->n; i++) {
        list->alone[i] = find(list, list->steps[i].of.id, &slot) != NONE;
        if (!list->alone[i])
            list->table[slot] = i + 1;
    }
}

// Each step has one parent, so a walk upward that meets its own trail has found a circle.
static void find_circles(struct list *list)
{
    int slot;
    for (int i = 0; i < list->n; i++)
        list->parent[i] = list->steps[i].of.parent_id ? find(list, list->steps[i].of.parent_id, &slot) : NONE;
    for (int i = 0; i < list->n; i++) {
        int at = i;
        for (; at != NONE && !list->seen_from[at]; at = list->parent[at])
            list->seen_from[at] = i + 1;
        for (; at != NONE && list->seen_from[at] == i + 1 && !list->alone[at]; at = list->parent[at])
            list->alone[at] = true;
    }
}

static void print(struct buf *out, const struct list *list, int i)
{
    const struct store_put_step *step = &list->steps[i];
    jw_open(out, '{');
    jw_member_i64(out, "i", i);
    jw_member_bool(out, "ends", step->ends);
    jw_member_bool(out, "alone", list->alone[i]);
    store_said_print(out, &step->of, &step->of);
    jw_close(out, '}');
}

void store_put_list_print(struct buf *out, const struct store_put_step steps[], int n)
{
    size_t size = (size_t)n;
    struct list list = {
        .steps = steps,
        .n = n,
        .table_n = 2 * n + 1,
        .table = mem_zero((2 * size + 1) * sizeof *list.table),
        .parent = mem_zero(size * sizeof *list.parent),
        .seen_from = mem_zero(size * sizeof *list.seen_from),
        .alone = mem_zero(size * sizeof *list.alone),
    };
    find_repeats(&list);
    find_circles(&list);
    jw_open(out, '[');
    for (int i = 0; i < n; i++)
        print(out, &list, i);
    jw_close(out, ']');
    free(list.table);
    free(list.parent);
    free(list.seen_from);
    free(list.alone);
}
