// SPDX-License-Identifier: Apache-2.0
// What a webhook may be made of, for whoever makes one: the API and trace-admin. Pure.
#ifndef STORE_WEBHOOK_TERMS_H
#define STORE_WEBHOOK_TERMS_H

#include <stdbool.h>
#include "base/buf.h"

enum { WEBHOOK_URL_MAX = 2000 };

// An http or https address without blanks, quotes and control characters, and without a fragment.
bool webhook_terms_is_url(struct str text);
bool webhook_terms_is_event(struct str text);
// The names of all events, separated by commas.
const char *webhook_terms_events(void);
// Appends a new secret of Standard Webhooks: "whsec_" and 32 random bytes in base64.
void webhook_terms_secret(struct buf *secret);

#endif
