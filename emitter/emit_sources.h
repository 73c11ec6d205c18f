/*
 * Sources, printed so that the server takes them: what strangers' pages are called must not cost the step they belong
 * to. Too long a text is cut, what a URL may not contain is percent-encoded, what cannot be mended is left out.
 */
#ifndef EMITTER_EMIT_SOURCES_H
#define EMITTER_EMIT_SOURCES_H

#include "emitter/agenttrace.h"
#include "emitter/emit_buf.h"

/* The member "sources", if any is left; adds to *dropped how many were left out. */
void emit_sources_add(struct emit_buf *b, const struct trace_source *sources, size_t n, size_t *dropped);

#endif
