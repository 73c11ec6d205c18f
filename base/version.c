// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

#include <stdio.h>
#include <string.h>

const char *version_text(void)
{
    return PACKAGE_VERSION;
}

bool version_answered(const char *program, int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "--version") != 0)
        return false;
    (void)printf("%s %s\n", program, PACKAGE_VERSION);
    return true;
}
