// SPDX-License-Identifier: Apache-2.0
// Arguments and result of a tool, out of the wrappings that frameworks put around them.
#ifndef INGEST_TOOL_H
#define INGEST_TOOL_H

#include "ingest/span.h"

// The arguments themselves: LangChain's {"input": "{…}"} and Traceloop's {"args": [], "kwargs": {…}} are unwrapped.
struct json_object *tool_arguments(struct span *s, struct json_object *input);

// The result itself: out of LangChain's tool message, of {"output": …} and {"outputs": …}, of JSON in a text.
struct json_object *tool_result(struct span *s, struct json_object *output);

#endif
