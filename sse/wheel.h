// Timers that cost nothing while they wait: a hashed wheel of lists. Time is a count of ticks that the caller makes;
// how long one is, is the caller's affair. A timer is embedded in what it is for, which has only one.
#ifndef SSE_WHEEL_H
#define SSE_WHEEL_H

#include <stdint.h>
#include "sse/list.h"

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
// Sets the timer (anew). What is due already comes with the next turn.
void wheel_set(struct wheel *wheel, struct timer *timer, uint64_t due);
void wheel_stop(struct timer *timer);
// Moves the time on to `now` and puts every timer that is due into `due`, a list; they are in no wheel then.
void wheel_turn(struct wheel *wheel, uint64_t now, struct list *due);

#endif
