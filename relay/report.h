// SPDX-License-Identifier: Apache-2.0
// How the relay is, for /healthz and /metrics of the machine: answers to plain HTTP requests over relay.http.
#ifndef RELAY_REPORT_H
#define RELAY_REPORT_H

#include "relay/relay.h"

// Answers GET /healthz (200, or 503 while NATS is away) and everything else with the metrics, and ends the sending.
void report_answer(const struct relay *relay, int fd, struct str request);
// Why a message was refused.
const char *report_refusal(enum seal_outcome outcome);

#endif
