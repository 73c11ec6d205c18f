// SPDX-License-Identifier: Apache-2.0
// What the unit tests of base/ and its neighbours share: cmocka and comparing views.
#ifndef TESTS_UNIT_LIB_H
#define TESTS_UNIT_LIB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "base/buf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// Fails unless the view has exactly these characters.
#define assert_str(view, text) assert_str_at((view), (text), __FILE__, __LINE__)

static inline void assert_str_at(struct str view, const char *text, const char *file, int line)
{
    if (!str_eq(view, str_from(text)))
        print_error("\"%.*s\" is not \"%s\"\n", (int)view.n, view.p ? view.p : "", text);
    _assert_true(str_eq(view, str_from(text)), "str_eq", file, line);
}

#endif
