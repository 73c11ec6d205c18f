// SPDX-License-Identifier: Apache-2.0
// Prints sources so that the server takes them: the title of a stranger's page must not cost the step that it belongs
// to. Texts that are too long are cut, what a URL may not contain is percent-encoded, and what cannot be mended is left
// out.
#ifndef EMITTER_EMIT_SOURCES_H
#define EMITTER_EMIT_SOURCES_H

#include "emitter/agenttrace.h"
#include "emitter/emit_buf.h"

// Writes the member "sources" if any is left; adds to *dropped how many were left out.
void emit_sources_add(struct emit_buf *b, const struct trace_source *sources, size_t n, size_t *dropped);

#endif
