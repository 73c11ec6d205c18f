// SPDX-License-Identifier: Apache-2.0
// visible: text that a person is to judge, with nothing hidden in it. Pure.
#ifndef AGENT_VISIBLE_H
#define AGENT_VISIBLE_H

#include <stdbool.h>

#include "base/buf.h"

// Appends well-formed `text` with every code point that is not seen, or that moves others about, as \u{202e}: controls,
// line and paragraph separators, and what Unicode 15 lists as Default_Ignorable_Code_Point (DerivedCoreProperties).
void visible_add(struct buf *out, struct str text);
// The same, but at most `most` code points. True if that was not all.
bool visible_add_first(struct buf *out, struct str text, size_t most);

#endif
