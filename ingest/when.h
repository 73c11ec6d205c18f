// SPDX-License-Identifier: Apache-2.0
// The times that clients write: RFC 3339 with any number of digits, and numbers since 1970. Microseconds here; 0 is no
// time.
#ifndef INGEST_WHEN_H
#define INGEST_WHEN_H

#include "ingest/value.h"

// "2026-11-28T18:36:03.716001Z", "…+01:00", also without a zone (taken for UTC). 0 if it is no time that there is.
int64_t when_text(struct str text);

// What a member says: a text as above, or a number of milliseconds since 1970.
int64_t when_value(struct json_object *value);

// Nanoseconds since 1970, as OTLP counts.
int64_t when_ns(uint64_t ns);

#endif
