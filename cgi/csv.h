// SPDX-License-Identifier: Apache-2.0
// Cells of a table of comma-separated values (RFC 4180).
#ifndef CGI_CSV_H
#define CGI_CSV_H

#include "base/buf.h"

// Appends a cell, quoted where it has to be. What a spreadsheet would take for a formula gets an apostrophe in front.
void csv_text(struct buf *out, struct str text);

#endif
