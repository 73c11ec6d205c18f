// SPDX-License-Identifier: Apache-2.0
// Step ids derived from the ids of clients, so that the same operation is the same step however often it is sent: 128
// bits in Crockford's base 32. A UUID gives its bits, an OpenTelemetry span id and hexadecimal digits behind a prefix
// ("span_…") give theirs, padded on the left. Any other text gives a hash: it need not withstand an enemy, since a
// step's key is its session too, and whoever may write into a session may name its steps.
#ifndef INGEST_STEP_ID_H
#define INGEST_STEP_ID_H

#include "base/id.h"

// Writes "stp_…" with its NUL. `external` is not empty.
void step_id(char id[static ID_SIZE], struct str external);

#endif
