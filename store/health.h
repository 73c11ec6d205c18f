// SPDX-License-Identifier: Apache-2.0
// Does the database answer, does it take writes, and does it have the schema that this program was built for?
#ifndef STORE_HEALTH_H
#define STORE_HEALTH_H

struct pg;

enum store_health {
    STORE_HEALTHY,
    STORE_SCHEMA_BEHIND, // migrations of this release are missing: trace-admin migrate has not run
    STORE_SICK,          // no answer, or a server that takes no writes
};

enum store_health store_health(struct pg *pg);

#endif
