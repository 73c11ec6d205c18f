// SPDX-License-Identifier: Apache-2.0
// Intrusive doubly linked lists: the membership lives in the member, so joining and leaving allocate nothing and cost
// the same anywhere. A link that is in no list points nowhere; all zero is such a link.
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *prev;
    struct link *next;
};

// A list is a ring through its head. It must be initialised where it stays: members point at it.
struct list {
    struct link head;
};

#define LIST_OWNER(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_init(struct list *list)
{
    list->head.prev = list->head.next = &list->head;
}

static inline bool list_empty(const struct list *list)
{
    return list->head.next == &list->head;
}

static inline bool list_has(const struct link *link)
{
    return link->next != NULL;
}

static inline void list_leave(struct link *link)
{
    if (!link->next)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = NULL;
}

// Appends the link, which must be in no list.
static inline void list_join(struct list *list, struct link *link)
{
    link->prev = list->head.prev;
    link->next = &list->head;
    list->head.prev->next = link;
    list->head.prev = link;
}

static inline struct link *list_first(struct list *list)
{
    return list_empty(list) ? NULL : list->head.next;
}

static inline struct link *list_take(struct list *list)
{
    struct link *link = list_first(list);
    if (link)
        list_leave(link);
    return link;
}

#endif
