// SPDX-License-Identifier: Apache-2.0
// The version that every program answers to --version. The number stands in configure.ac and nowhere else in C.
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include <stdbool.h>

// What is built: the number in configure.ac. Never NULL.
const char *version_text(void);

// True if the only argument is --version; it has then been answered on standard output.
bool version_answered(const char *program, int argc, char **argv);

#endif
