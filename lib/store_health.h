// Does the database answer, and does it take writes?
#ifndef LIB_STORE_HEALTH_H
#define LIB_STORE_HEALTH_H

#include <stdbool.h>
#include "lib/pg.h"

MUST_USE bool store_health(struct pg *pg);

#endif
