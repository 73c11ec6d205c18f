// SPDX-License-Identifier: Apache-2.0
#include "ingest/usage.h"

#include "ingest/rules.h"

static const int64_t TOKENS_MAX = INT64_C(1000000000000);
static const double COST_MAX = 1e9;

// Langfuse lets its clients name the parts of a usage as they like; the first word says on which side they are.
// {"input": 36, "input_cache_read": 64, "output": 13, "output_reasoning": 7, "total": 120}
// It takes OpenAI's words, too, whose details are within the numbers beside them.
// {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 64}, "completion_tokens": 20, "total_tokens": 120}
static const struct word {
    struct str opening;
    enum usage_count count;
} sides[] =
    {
        {{"input", 5}, USAGE_INPUT},        {{"prompt", 6}, USAGE_INPUT}, {{"output", 6}, USAGE_OUTPUT},
        {{"completion", 10}, USAGE_OUTPUT}, {{"total", 5}, USAGE_TOTAL},
},
  details[] = {
      {{"input_cache_read", 16}, USAGE_CACHE_READ},   {{"input_cached_tokens", 19}, USAGE_CACHE_READ},
      {{"cache_read", 10}, USAGE_CACHE_READ}, // Anthropic's
      {{"cached_tokens", 13}, USAGE_CACHE_READ},      {{"input_cache_creation", 20}, USAGE_CACHE_WRITE},
      {{"input_cache_write", 17}, USAGE_CACHE_WRITE}, {{"cache_creation", 14}, USAGE_CACHE_WRITE},
      {{"output_reasoning", 16}, USAGE_REASONING},    {{"reasoning_tokens", 16}, USAGE_REASONING},
};

static const struct word *word_of(const struct word *words, size_t n, struct str key)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(key, words[i].opening))
            return &words[i];
    return NULL;
}

static bool adds_detail(void *context, struct str key, struct json_object *value)
{
    struct step_usage *usage = context;
    const struct word *detail = word_of(details, sizeof details / sizeof details[0], key);
    int64_t n = value_i64(value, -1);
    if (detail && n >= 0 && n <= TOKENS_MAX)
        usage->counts[detail->count] = n;
    return true;
}

static bool adds_part(void *context, struct str key, struct json_object *value)
{
    struct step_usage *usage = context;
    const struct word *side = word_of(sides, sizeof sides / sizeof sides[0], key);
    int64_t n = value_i64(value, -1);
    if (value_kind(value) == VALUE_OBJECT)
        value_each(value, adds_detail, usage);
    else
        (void)adds_detail(usage, key, value);
    if (!side || n < 0 || n > TOKENS_MAX)
        return true;
    int64_t *count = &usage->counts[side->count];
    *count = *count > 0 && side->count != USAGE_TOTAL ? *count + n : n;
    return true;
}

bool usage_read(struct span *s, struct step_usage *usage)
{
    static const char *const parts[] = {"langfuse.observation.usage_details", "usageDetails"};
    bool is_said = false;
    for (size_t i = 0; i < USAGE__MAX; i++) {
        int64_t n = value_i64(rules_find(s, FIELD_INPUT_TOKENS + (enum field)i), -1);
        usage->counts[i] = n <= TOKENS_MAX ? n : -1;
    }
    // Some clients say the same both ways: the parts go first, and are not added to the whole.
    struct step_usage said;
    for (size_t i = 0; i < USAGE__MAX; i++)
        said.counts[i] = -1;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        value_each(span_inside(s, value_get(s->attributes, parts[i])), adds_part, &said);
    for (size_t i = 0; i < USAGE__MAX; i++) {
        if (said.counts[i] >= 0)
            usage->counts[i] = said.counts[i];
        usage->counts[i] = usage->counts[i] < 0 ? -1 : usage->counts[i];
        is_said = is_said || usage->counts[i] >= 0;
    }
    double cost = value_double(rules_find(s, FIELD_COST), -1);
    usage->cost_usd = cost >= 0 && cost <= COST_MAX ? cost : -1;
    usage->is_sum = false;
    return is_said || usage->cost_usd >= 0;
}
