// SPDX-License-Identifier: Apache-2.0
// Sending what the programs tell of their own requests to a collector of OpenTelemetry: what the sweeper does beside
// its looks, in a process of its own, where OTEL_EXPORTER_OTLP_ENDPOINT names one.
#ifndef ADMIN_COMMANDS_SPANS_H
#define ADMIN_COMMANDS_SPANS_H

#include <sys/types.h>

// Starts the process. -1, and it is logged, if there can be none; 0 if none is wanted.
pid_t spans_start(void);

#endif
