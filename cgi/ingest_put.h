// SPDX-License-Identifier: Apache-2.0
// Steps of ingest/ as the store puts them.
#ifndef CGI_INGEST_PUT_H
#define CGI_INGEST_PUT_H

#include "ingest/arena.h"
#include "ingest/step.h"
#include "store/put_list.h"

// The texts are the step's, or made in `a`.
struct store_put_step ingest_put_step(struct arena *a, const struct step *step);

#endif
