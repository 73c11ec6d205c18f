// SPDX-License-Identifier: Apache-2.0
#include "agent/model/budget.h"

#include <stdbool.h>
#include <stdlib.h>

#include "agent/member.h"
#include "base/buf.h"
#include "base/utf8.h"

#define OUTPUT_LEAST_BYTES 400 // of a tool's output that is cut

static int64_t size_of(const json_t *message)
{
    char *printed = json_dumps(message, JSON_COMPACT);
    int64_t n = printed ? (int64_t)strlen(printed) : 0;
    free(printed);
    return n;
}

static int64_t size_of_all(const json_t *messages)
{
    int64_t n = 0;
    for (size_t i = 0; i < json_array_size(messages); i++)
        n += size_of(json_array_get(messages, i));
    return n;
}

int64_t budget_tokens(const json_t *messages, int64_t bytes_per_kilotoken)
{
    return size_of_all(messages) * 1000 / bytes_per_kilotoken;
}

static bool has_role(const json_t *message, const char *role)
{
    return strcmp(member_text(message, "role"), role) == 0;
}

// The first message behind the one at `i` that does not belong to it.
static size_t end_of_group(const json_t *messages, size_t i)
{
    for (i++; i < json_array_size(messages) && has_role(json_array_get(messages, i), "tool");)
        i++;
    return i;
}

static size_t question_in(const json_t *messages)
{
    size_t i = json_array_size(messages);
    while (i > 0 && !has_role(json_array_get(messages, i - 1), "user"))
        i--;
    return i > 0 ? i - 1 : 0;
}

// The oldest message that may go, with what belongs to it. False if there is none: of what follows the question, the
// last group stays.
static bool drop_oldest(json_t *messages)
{
    size_t question = question_in(messages);
    for (size_t i = 0; i < json_array_size(messages); i++) {
        size_t end = end_of_group(messages, i);
        if (i == question || has_role(json_array_get(messages, i), "system") || end == json_array_size(messages))
            continue;
        for (; end > i; end--)
            (void)json_array_remove(messages, i);
        return true;
    }
    return false;
}

static bool cut_longest_output(json_t *messages)
{
    json_t *longest = NULL;
    size_t most = OUTPUT_LEAST_BYTES;
    for (size_t i = 0; i < json_array_size(messages); i++) {
        json_t *message = json_array_get(messages, i);
        size_t n = has_role(message, "tool") ? json_string_length(json_object_get(message, "content")) : 0;
        if (n > most) {
            longest = message;
            most = n;
        }
    }
    if (!longest)
        return false;
    static const char mark[] = "\n(The rest was cut off.)\n</tool_output>";
    struct str cut = utf8_prefix(str_from(member_text(longest, "content")), most / 2);
    struct buf text = {0};
    buf_str(&text, cut);
    if (most / 2 > sizeof mark)
        buf_lit(&text, mark);
    json_object_set_new(longest, "content", json_stringn(buf_cstr(&text), text.n));
    buf_fini(&text);
    return true;
}

json_t *budget_fit(json_t *messages, int64_t budget, int64_t bytes_per_kilotoken)
{
    json_t *fitted = json_deep_copy(messages);
    int64_t most = budget * bytes_per_kilotoken / 1000;
    if (budget == 0)
        return fitted;
    while (size_of_all(fitted) > most && (drop_oldest(fitted) || cut_longest_output(fitted)))
        continue;
    return fitted;
}
