// SPDX-License-Identifier: Apache-2.0
// One request in the manner of CGI/1.1 (RFC 3875): variables from the environment, body on standard input, reply on
// standard output. This is how the programs are debugged: REQUEST_METHOD=GET REQUEST_URI=/healthz
// cgi/workspace-api.fcgi
#ifndef CGI_PLAIN_H
#define CGI_PLAIN_H

#include <stdbool.h>
#include "cgi/exchange.h"

bool plain_wanted(void);
struct exchange *plain_exchange(void);

#endif
