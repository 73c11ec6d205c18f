// SPDX-License-Identifier: Apache-2.0
#include "cgi/csv.h"

static bool has_any(struct str text, struct str bytes)
{
    for (size_t i = 0; i < text.n; i++)
        if (memchr(bytes.p, text.p[i], bytes.n))
            return true;
    return false;
}

void csv_text(struct buf *out, struct str text)
{
    // Spreadsheets skip a tab or a line end before they look for the sign.
    bool is_formula = text.n > 0 && has_any((struct str){text.p, 1}, STR("=+-@\t\r\n"));
    bool is_quoted = has_any(text, STR(",\"\r\n"));
    if (is_quoted)
        buf_char(out, '"');
    if (is_formula)
        buf_char(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buf_char(out, '"');
        buf_char(out, text.p[i]);
    }
    if (is_quoted)
        buf_char(out, '"');
}
