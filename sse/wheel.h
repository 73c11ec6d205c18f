// SPDX-License-Identifier: Apache-2.0
// Timers that cost nothing while they wait: a hashed wheel of lists. Time is a count of ticks, whose length is up to
// the caller. A timer is embedded in its owner, which has only one.
#ifndef SSE_WHEEL_H
#define SSE_WHEEL_H

#include <stdint.h>
#include "base/list.h"

enum { WHEEL_SPOKES = 256 };

struct timer {
    struct link link;
    uint64_t due;
};

struct wheel {
    uint64_t now;
    struct list spokes[WHEEL_SPOKES];
};

void wheel_init(struct wheel *wheel, uint64_t now);
// Sets the timer, or sets it again. One that is due already comes with the next turn.
void wheel_set(struct wheel *wheel, struct timer *timer, uint64_t due);
void wheel_stop(struct timer *timer);
// Moves the time on to `now` and moves every timer that is due from the wheel to the list `due`.
void wheel_turn(struct wheel *wheel, uint64_t now, struct list *due);

#endif
