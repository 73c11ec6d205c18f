// SPDX-License-Identifier: Apache-2.0
#include "ingest/usage.h"

#include "ingest/rules.h"

static const int64_t TOKENS_MAX = INT64_C(1000000000000);
static const double COST_MAX = 1e9;

// Langfuse lets its clients name the parts of a usage as they like; the first word says on which side they are.
// {"input": 36, "input_cache_read": 64, "output": 13, "output_reasoning": 7, "total": 120}
static bool adds_detail(void *context, struct str key, struct json_object *value)
{
    struct step_usage *usage = context;
    int64_t n = value_i64(value, -1);
    if (n < 0 || n > TOKENS_MAX)
        return true;
    enum usage_count side = str_starts(key, STR("input"))    ? USAGE_INPUT
                            : str_starts(key, STR("output")) ? USAGE_OUTPUT
                            : str_eq(key, STR("total"))      ? USAGE_TOTAL
                                                             : USAGE__MAX;
    if (side != USAGE__MAX)
        usage->counts[side] = n + (usage->counts[side] > 0 ? usage->counts[side] : 0);
    if (str_starts(key, STR("input_cache_read")) || str_eq(key, STR("input_cached_tokens")))
        usage->counts[USAGE_CACHE_READ] = n;
    else if (str_starts(key, STR("input_cache_creation")) || str_starts(key, STR("input_cache_write")))
        usage->counts[USAGE_CACHE_WRITE] = n;
    else if (str_starts(key, STR("output_reasoning")))
        usage->counts[USAGE_REASONING] = n;
    return true;
}

bool usage_read(struct span *s, struct step_usage *usage)
{
    static const char *const details[] = {"langfuse.observation.usage_details", "usageDetails"};
    bool is_said = false;
    for (size_t i = 0; i < USAGE__MAX; i++) {
        int64_t n = value_i64(rules_find(s, FIELD_INPUT_TOKENS + (enum field)i), -1);
        usage->counts[i] = n <= TOKENS_MAX ? n : -1;
    }
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
        value_each(span_inside(s, value_get(s->attributes, details[i])), adds_detail, usage);
    for (size_t i = 0; i < USAGE__MAX; i++) {
        usage->counts[i] = usage->counts[i] < 0 ? -1 : usage->counts[i];
        is_said = is_said || usage->counts[i] >= 0;
    }
    double cost = value_double(rules_find(s, FIELD_COST), -1);
    usage->cost_usd = cost >= 0 && cost <= COST_MAX ? cost : -1;
    usage->is_sum = false;
    return is_said || usage->cost_usd >= 0;
}
