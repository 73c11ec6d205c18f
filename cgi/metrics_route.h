// SPDX-License-Identifier: Apache-2.0
// GET /metrics of a program that answers for itself alone.
#ifndef CGI_METRICS_ROUTE_H
#define CGI_METRICS_ROUTE_H

#include "cgi/route.h"

extern const struct route metrics_routes[];

#endif
