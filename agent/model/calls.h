// SPDX-License-Identifier: Apache-2.0
// calls: puts tool calls together out of what servers stream: pieces by index, by id, by neither, or whole ones. Pure.
#ifndef AGENT_MODEL_CALLS_H
#define AGENT_MODEL_CALLS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/must.h"

#define CALLS_MAX 64
#define CALLS_ARGUMENTS_MAX_BYTES (1u << 20)

struct call {
    struct buf id;
    struct buf name;
    struct buf arguments; // JSON once calls_settle() has run
    int64_t index;        // as the server gave it; -1: it gave none
    json_t *extra;        // members that we do not know: they go back to the server with the call; may be NULL
};

// Embedded; zeroed, there are none.
struct calls {
    struct call list[CALLS_MAX];
    size_t count;
};

// The `tool_calls` of a delta or a message: an array, or one object. `may_repeat`: whole calls that are there already
// are the same once more. -1 if there are too many, or one is too large.
int calls_take(struct calls *calls, const json_t *deltas, bool may_repeat) MUST_USE;
// The `function_call` that was before tools, of which a message has one.
int calls_take_legacy(struct calls *calls, const json_t *function) MUST_USE;
// One call that is known whole.
int calls_add(struct calls *calls, struct str name, struct str arguments) MUST_USE;
// The end of the reply: names without what servers put around them, arguments as one JSON object where they can be
// read as one. `tools` is what was offered, as the request had it.
void calls_settle(struct calls *calls, const json_t *tools);
// Forgets all but the first `left`.
void calls_drop(struct calls *calls, size_t left);
void calls_fini(struct calls *calls);

// The name of the offered tool that `name` means, or NULL. It lives as long as `tools`.
const char *calls_tool_named(const json_t *tools, struct str name);

#endif
