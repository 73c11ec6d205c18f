// SPDX-License-Identifier: Apache-2.0
#include "agent/model/habits.h"

#include "agent/model/budget.h"

static const char *const names[HABIT__MAX] = {
    [HABIT_NO_TOOLS] = "takes no tools; they are described in the prompt",
    [HABIT_NO_STREAM_OPTIONS] = "takes no stream_options; usage may be missing",
    [HABIT_NO_PARALLEL_CALLS] = "takes no parallel_tool_calls",
    [HABIT_NO_SYSTEM_ROLE] = "takes no system role; its text goes to the first user message",
    [HABIT_STRICT_ORDER] = "takes no user message behind a tool's output",
    [HABIT_NO_EXTRAS] = "takes no members in a message that it sent itself",
    [HABIT_NO_STREAM] = "does not stream; replies come whole",
    [HABIT_SENDS_CALLS] = "sends structured tool calls",
};

bool habits_have(const struct habits *habits, enum habit habit)
{
    return (habits->known & 1u << habit) != 0;
}

bool habits_learn(struct habits *habits, enum habit habit)
{
    return (atomic_fetch_or(&habits->known, 1u << habit) & 1u << habit) == 0;
}

const char *habits_name(enum habit habit)
{
    return names[habit];
}

int64_t habits_bytes_per_kilotoken(const struct habits *habits)
{
    int64_t known = habits->bytes_per_kilotoken;
    return known > 0 ? known : BUDGET_BYTES_PER_KILOTOKEN;
}

// Within bounds: a server that tells nonsense must not make every conversation vanish.
void habits_correct(struct habits *habits, int64_t bytes, int64_t tokens)
{
    int64_t measured = bytes * 1000 / tokens;
    if (measured >= 1000 && measured <= 8000)
        habits->bytes_per_kilotoken = measured;
}
