// SPDX-License-Identifier: Apache-2.0
// Redaction at the door for foreign agents: what ingest/ has made of a request, without what the rules of the token's
// workspace name.
#ifndef CGI_INGEST_REDACT_H
#define CGI_INGEST_REDACT_H

#include "base/redactor.h"
#include "ingest/arena.h"
#include "ingest/step.h"
#include "store/ingest.h"

// Both change their object in place, whose texts then live as long as `a` and as before.
void ingest_redact_step(const struct redactor *rules, struct arena *a, struct step *step);
void ingest_redact_session(const struct redactor *rules, struct arena *a, struct store_ingest_session *session);

#endif
