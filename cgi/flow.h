// SPDX-License-Identifier: Apache-2.0
// Sending a reply that is made while it is sent (struct flow of cgi/request.h). A reader may be slow, but not so slow
// that a worker stands still for it: each piece has to be taken in ten seconds and another one for each 16 KiB.
#ifndef CGI_FLOW_H
#define CGI_FLOW_H

#include "cgi/exchange.h"
#include "cgi/request.h"

// Sends the head and, unless only that was asked for, all pieces; ends the flow. 0, or -1 if the reply was broken off.
int flow_send(struct request *r, struct exchange *x, struct str head);

#endif
