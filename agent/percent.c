// SPDX-License-Identifier: Apache-2.0
#include "agent/percent.h"

#include <ctype.h>

void percent_add(struct buf *out, const char *s)
{
    for (; *s != '\0'; s++) {
        if (isalnum((unsigned char)*s) || strchr("-._~", *s))
            buf_char(out, *s);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
    }
}
