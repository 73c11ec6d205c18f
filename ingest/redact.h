// SPDX-License-Identifier: Apache-2.0
// What does not go past the door although a client sent it: keys to other people's services, wherever they stand in a
// text, and attributes that say who and where the person at the machine is. On by default; README.md lists it.
#ifndef INGEST_REDACT_H
#define INGEST_REDACT_H

#include <stdbool.h>
#include "base/buf.h"

// Appends `text` with what has the form of a key replaced by "[redacted]".
void redact_text(struct buf *out, struct str text);

// True for an attribute or a member of metadata whose value is left out whole: command lines, host and owner of the
// process, e-mail, organization, and environment variables of LangSmith and LangChain.
bool redact_is_private(struct str key);

#endif
