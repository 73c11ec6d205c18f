// SPDX-License-Identifier: Apache-2.0
// habits: what a model server has been found not to take, or to do, in this process; each is learned once, from a
// refusal, and said in the log. Every session's thread uses the same.
#ifndef AGENT_MODEL_HABITS_H
#define AGENT_MODEL_HABITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum habit {
    HABIT_NO_TOOLS,          // tools are described in the prompt instead
    HABIT_NO_STREAM_OPTIONS, // no usage is asked for
    HABIT_NO_PARALLEL_CALLS, // `parallel_tool_calls` is left out
    HABIT_NO_SYSTEM_ROLE,    // the system's message becomes the user's
    HABIT_STRICT_ORDER,      // between a tool's output and a user's message stands one of the assistant
    HABIT_NO_EXTRAS,         // what the model's message had beyond the standard does not go back
    HABIT_NO_STREAM,         // the reply comes whole
    HABIT_SENDS_CALLS,       // it has sent structured calls: a call written as text is none
    HABIT__MAX
};

// Zeroed, nothing is known.
struct habits {
    atomic_uint known;
    _Atomic int64_t context_tokens;      // to be kept to, since the server refused more; 0: unknown
    _Atomic int64_t bytes_per_kilotoken; // of what was sent, by the server's usage; 0: unknown
};

bool habits_have(const struct habits *habits, enum habit habit);
// True if it is new.
bool habits_learn(struct habits *habits, enum habit habit);
// How many bytes of a request make a thousand tokens: an estimate until a server has told its usage.
int64_t habits_bytes_per_kilotoken(const struct habits *habits);
void habits_correct(struct habits *habits, int64_t bytes, int64_t tokens);
const char *habits_name(enum habit habit);

#endif
