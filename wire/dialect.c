// SPDX-License-Identifier: Apache-2.0
#include "wire/dialect.h"

static const char *const words[DIALECT__MAX] = {
    [DIALECT_NATIVE] = "native",
    [DIALECT_AI_SDK] = "ai-sdk",
    [DIALECT_AG_UI] = "ag-ui",
};

struct str dialect_word(enum dialect dialect)
{
    return str_from(words[dialect]);
}

enum dialect dialect_named(struct str word)
{
    int i = 0;
    while (i < DIALECT__MAX && !str_eq(word, str_from(words[i])))
        i++;
    return (enum dialect)i;
}
