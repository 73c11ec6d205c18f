// SPDX-License-Identifier: Apache-2.0
#include "sse/wheel.h"

void wheel_init(struct wheel *wheel, uint64_t now)
{
    wheel->now = now;
    for (int i = 0; i < WHEEL_SPOKES; i++)
        list_init(&wheel->spokes[i]);
}

void wheel_stop(struct timer *timer)
{
    list_leave(&timer->link);
}

void wheel_set(struct wheel *wheel, struct timer *timer, uint64_t due)
{
    list_leave(&timer->link);
    timer->due = due > wheel->now ? due : wheel->now + 1;
    list_join(&wheel->spokes[timer->due % WHEEL_SPOKES], &timer->link);
}

static void turn_spoke(struct list *spoke, uint64_t now, struct list *due)
{
    struct link *link = spoke->head.next;
    while (link != &spoke->head) {
        struct timer *timer = LIST_OWNER(link, struct timer, link);
        link = link->next;
        if (timer->due > now)
            continue;
        list_leave(&timer->link);
        list_join(due, &timer->link);
    }
}

void wheel_turn(struct wheel *wheel, uint64_t now, struct list *due)
{
    // After a long sleep, one time around visits every spoke.
    uint64_t steps = now - wheel->now < WHEEL_SPOKES ? now - wheel->now : WHEEL_SPOKES;
    for (uint64_t i = 1; i <= steps; i++)
        turn_spoke(&wheel->spokes[(wheel->now + i) % WHEEL_SPOKES], now, due);
    wheel->now = now;
}
