// SPDX-License-Identifier: Apache-2.0
// charsets: converters from the character sets of web pages to UTF-8. They are opened beforehand, since a converter is
// a file of the C library's and the process that uses them opens none (agent/jail.h).
#ifndef AGENT_CHARSETS_H
#define AGENT_CHARSETS_H

#include <iconv.h>

// Opens what this machine has of them.
void charsets_open(void);
void charsets_close(void);
// The converter for a label as pages write it, in lower case; (iconv_t)-1 for UTF-8 and for what is unknown here.
iconv_t charsets_find(const char *label);

#endif
