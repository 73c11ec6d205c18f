// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/link.h"

#include <stdarg.h>
#include <stdio.h>

void link_fail(struct link *link, const char *format, ...)
{
    va_list args;
    if (link->trouble[0] != '\0')
        return;
    va_start(args, format);
    (void)vsnprintf(link->trouble, sizeof link->trouble, format, args);
    va_end(args);
}
